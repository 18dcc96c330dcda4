"""The shape of a demonstration authority: its services, its teams, the work they do and what that work weighs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

Kind = tuple[str, str]
"""A case type and a complexity."""

Mix = Mapping[Kind, float]
"""What a team's cases are made of, as weights."""

WEIGHTS: Mapping[Kind, Decimal] = {
    ("enquiry", "standard"): Decimal("1.5"),
    ("enquiry", "complex"): Decimal("2.5"),
    ("assessment", "standard"): Decimal(3),
    ("assessment", "complex"): Decimal("4.5"),
    ("child_in_need", "standard"): Decimal("2.5"),
    ("child_in_need", "complex"): Decimal(4),
    ("child_protection", "standard"): Decimal(4),
    ("child_protection", "complex"): Decimal("5.5"),
    ("court_proceedings", "complex"): Decimal(7),
    ("child_looked_after", "standard"): Decimal("3.5"),
    ("child_looked_after", "complex"): Decimal(5),
    ("care_leaver", "standard"): Decimal("2.5"),
    ("care_leaver", "complex"): Decimal("3.5"),
    ("fostering_household", "standard"): Decimal(3),
    ("fostering_household", "complex"): Decimal(4),
    ("disabled_child", "standard"): Decimal(3),
    ("disabled_child", "complex"): Decimal("4.5"),
    ("care_review", "standard"): Decimal("1.5"),
    ("care_assessment", "standard"): Decimal("2.5"),
    ("care_assessment", "complex"): Decimal("3.5"),
    ("adult_safeguarding", "standard"): Decimal(3),
    ("adult_safeguarding", "complex"): Decimal(5),
    ("hospital_discharge", "standard"): Decimal("2.5"),
    ("hospital_discharge", "complex"): Decimal("3.5"),
    ("mental_health", "standard"): Decimal("2.5"),
    ("mental_health", "complex"): Decimal(4),
}


@dataclass(frozen=True, slots=True)
class TeamShape:
    """A team: the mix of its work, how well it keeps supervision, and whether its manager is a social worker."""

    name: str
    mix: Mix
    keeps_supervision: float
    staff: int
    source: str = "childrens-records"
    manager_is_social_worker: bool = True
    has_queue: bool = False
    months_open: int = 12


@dataclass(frozen=True, slots=True)
class ServiceShape:
    """A service and its teams."""

    name: str
    teams: tuple[TeamShape, ...]


@dataclass(frozen=True, slots=True)
class Size:
    """How large an authority is, how far back its history goes, and how many cases it has."""

    name: str
    services: tuple[ServiceShape, ...]
    cases: int
    waiting: int
    leavers: int
    agency: int
    newly_qualified: int
    vacancies: int
    history_days: int
    contests: int
    long_absences: int

    @property
    def teams(self) -> tuple[TeamShape, ...]:
        """All teams, in the order of the services."""
        return tuple(team for service in self.services for team in service.teams)

    @property
    def workers(self) -> int:
        """Everyone: the staff of the teams with those who left, managers, heads, the principal social worker, the director."""
        return sum(team.staff + 1 for team in self.teams) + len(self.services) + 2


_FRONT_DOOR: Mix = {("enquiry", "standard"): 6, ("enquiry", "complex"): 2, ("assessment", "standard"): 3}
_ASSESSMENT: Mix = {("assessment", "standard"): 6, ("assessment", "complex"): 2, ("child_in_need", "standard"): 3}
_SAFEGUARDING: Mix = {
    ("child_in_need", "standard"): 5,
    ("child_in_need", "complex"): 2,
    ("child_protection", "standard"): 4,
    ("child_protection", "complex"): 1.5,
    ("court_proceedings", "complex"): 1,
}
_IN_CARE: Mix = {
    ("child_looked_after", "standard"): 7,
    ("child_looked_after", "complex"): 2,
    ("court_proceedings", "complex"): 0.6,
}
_LEAVING_CARE: Mix = {("care_leaver", "standard"): 8, ("care_leaver", "complex"): 2}
_FOSTERING: Mix = {("fostering_household", "standard"): 7, ("fostering_household", "complex"): 2}
_DISABLED: Mix = {
    ("disabled_child", "standard"): 7,
    ("disabled_child", "complex"): 3,
    ("child_protection", "standard"): 0.5,
}
_HOSPITAL: Mix = {("hospital_discharge", "standard"): 7, ("hospital_discharge", "complex"): 3}
_LOCALITY: Mix = {
    ("care_review", "standard"): 5,
    ("care_assessment", "standard"): 5,
    ("care_assessment", "complex"): 2,
    ("adult_safeguarding", "standard"): 1,
}
_MENTAL_HEALTH: Mix = {("mental_health", "standard"): 6, ("mental_health", "complex"): 3}
_ADULT_SAFEGUARDING: Mix = {("adult_safeguarding", "standard"): 6, ("adult_safeguarding", "complex"): 2}
_ADULTS = "adults-records"

_FULL_SERVICES = (
    ServiceShape(
        "Children's Help and Protection",
        (
            TeamShape("Front Door", _FRONT_DOOR, 0.86, 15, has_queue=True, months_open=1),
            TeamShape("Assessment North", _ASSESSMENT, 0.78, 15, has_queue=True, months_open=2),
            TeamShape("Assessment South", _ASSESSMENT, 0.9, 14, has_queue=True, months_open=2),
            TeamShape("Safeguarding East", _SAFEGUARDING, 0.88, 15),
            TeamShape("Safeguarding West", _SAFEGUARDING, 0.8, 15),
        ),
    ),
    ServiceShape(
        "Corporate Parenting",
        (
            TeamShape("Children in Care", _IN_CARE, 0.93, 15, months_open=48),
            TeamShape("Leaving Care", _LEAVING_CARE, 0.9, 13, months_open=36),
            TeamShape("Fostering", _FOSTERING, 0.95, 12, months_open=60),
            TeamShape("Disabled Children", _DISABLED, 0.91, 12, months_open=36),
        ),
    ),
    ServiceShape(
        "Adult Social Care",
        (
            TeamShape(
                "Hospital",
                _HOSPITAL,
                0.84,
                14,
                source=_ADULTS,
                manager_is_social_worker=False,
                has_queue=True,
                months_open=2,
            ),
            TeamShape("Adults Locality North", _LOCALITY, 0.87, 16, source=_ADULTS, has_queue=True),
            TeamShape("Adults Locality South", _LOCALITY, 0.9, 16, source=_ADULTS, has_queue=True),
            TeamShape("Mental Health", _MENTAL_HEALTH, 0.89, 15, source=_ADULTS, months_open=24),
            TeamShape("Adult Safeguarding", _ADULT_SAFEGUARDING, 0.92, 14, source=_ADULTS, months_open=4),
        ),
    ),
)
_SMALL_SERVICES = (
    ServiceShape(
        "Children's Social Care",
        (
            TeamShape("Assessment", _ASSESSMENT, 0.82, 6, has_queue=True, months_open=2),
            TeamShape("Safeguarding", _SAFEGUARDING, 0.88, 6),
            TeamShape("Children in Care", _IN_CARE, 0.94, 6, months_open=48),
        ),
    ),
)

SIZES: Mapping[str, Size] = {
    "full": Size(
        "full",
        _FULL_SERVICES,
        cases=3400,
        waiting=64,
        leavers=24,
        agency=24,
        newly_qualified=18,
        vacancies=24,
        history_days=365,
        contests=6,
        long_absences=7,
    ),
    "small": Size(
        "small",
        _SMALL_SERVICES,
        cases=250,
        waiting=9,
        leavers=2,
        agency=2,
        newly_qualified=3,
        vacancies=2,
        history_days=120,
        contests=1,
        long_absences=1,
    ),
}
