"""The census of a unit on a date, from its people, posts, cases and absences (clause 2.1)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from dateutil.relativedelta import relativedelta

from services.workforce.rules.absences import working_days, working_days_absent
from services.workforce.rules.rates import Census, full_time_equivalent


@dataclass(frozen=True, slots=True)
class Person:
    """Someone on the terms that held on the date of the census, or at the end of their employment."""

    worker_id: UUID
    is_social_worker: bool
    is_agency: bool
    contracted_hours: Decimal
    started_on: date
    ended_on: date | None
    absences: Sequence[tuple[date, date]] = ()
    cases: int = 0


@dataclass(frozen=True, slots=True)
class Post:
    """A designated post that is open on the date of the census, and its holder, if any."""

    fte: Decimal
    holder: Person | None


@dataclass(frozen=True, slots=True)
class Year:
    """The year that ends on the date of a census, with its bank holidays."""

    as_of: date
    bank_holidays: Collection[date]

    @property
    def first_day(self) -> date:
        """The day after the same date one year before."""
        return one_year_before(self.as_of) + timedelta(days=1)

    def present(self, person: Person) -> bool:
        """Whether someone works here on the date; the last day of employment is a day of work."""
        return person.started_on <= self.as_of and (person.ended_on is None or person.ended_on >= self.as_of)

    def left(self, person: Person) -> bool:
        """Whether someone's last day lies before the date and not before the same date one year earlier."""
        return person.ended_on is not None and one_year_before(self.as_of) <= person.ended_on < self.as_of

    def started(self, person: Person) -> bool:
        """Whether someone began within the year."""
        return self.first_day <= person.started_on <= self.as_of


def one_year_before(day: date) -> date:
    """The same date a year earlier; 28 February for a leap day."""
    earlier: date = day - relativedelta(years=1)
    return earlier


def take_census(people: Sequence[Person], posts: Sequence[Post], year: Year, full_time_hours: Decimal) -> Census:
    """Count people, posts, cases and days in full-time equivalents.

    In post are social workers whom the employer employs directly; agency workers are counted apart. The part of a post
    that its holder's hours do not fill is vacant, and so is a post that an agency worker covers. Everyone who holds a case
    counts as a case holder, agency workers included.
    """
    fte = {person.worker_id: full_time_equivalent(person.contracted_hours, full_time_hours) for person in people}
    fte |= {post.holder.worker_id: _fte(post.holder, full_time_hours) for post in posts if post.holder}
    social_workers = [person for person in people if person.is_social_worker]
    employed = [person for person in social_workers if not person.is_agency]
    holders = [person for person in people if person.cases and year.present(person)]
    return Census(
        in_post=_sum(fte, filter(year.present, employed)),
        agency=_sum(fte, (person for person in social_workers if person.is_agency and year.present(person))),
        vacant=sum((post.fte - _filled(post, fte, year, agency=False) for post in posts), Decimal(0)),
        vacant_covered=sum((_filled(post, fte, year, agency=True) for post in posts), Decimal(0)),
        filled_posts=sum((_filled(post, fte, year, agency=False) for post in posts), Decimal(0)),
        leavers=_sum(fte, filter(year.left, employed)),
        starters=_sum(fte, filter(year.started, employed)),
        case_holders=_sum(fte, holders),
        cases=sum(person.cases for person in people),
        cases_of_leavers=sum(person.cases for person in people if not year.present(person)),
        days_lost=sum((fte[person.worker_id] * days_lost(person, year) for person in employed), Decimal(0)),
        working_days=working_days(year.first_day, year.as_of, year.bank_holidays),
    )


def days_lost(person: Person, year: Year) -> int:
    """Working days of the year on which someone was absent while employed."""
    start = max(year.first_day, person.started_on)
    end = min(year.as_of, person.ended_on or year.as_of)
    return working_days_absent(person.absences, start, end, year.bank_holidays)


def _fte(person: Person, full_time_hours: Decimal) -> Decimal:
    return full_time_equivalent(person.contracted_hours, full_time_hours)


def _filled(post: Post, fte: Mapping[UUID, Decimal], year: Year, *, agency: bool) -> Decimal:
    if post.holder is None or post.holder.is_agency is not agency or not year.present(post.holder):
        return Decimal(0)
    return min(post.fte, fte[post.holder.worker_id])


def _sum(fte: Mapping[UUID, Decimal], people: Iterable[Person]) -> Decimal:
    return sum((fte[person.worker_id] for person in people), Decimal(0))
