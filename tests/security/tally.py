"""How much was tried and whether all of it went as wanted, added up over a run."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.proof.results import record, slug
from tests.security.stage import LONG, SEED


@dataclass
class _Sum:
    tried: int = 0
    passed: bool = True
    more: dict[str, int] = field(default_factory=dict)


class Tally:
    """Sums by sentence, such as "bodies that no operation takes"."""

    def __init__(self) -> None:
        self._sums: dict[str, _Sum] = {}

    def add(self, what: str, tried: int, passed: bool, **more: int) -> None:
        """Count ``tried`` more of ``what``; ``more`` are further counts."""
        known = self._sums.setdefault(what, _Sum())
        known.tried += tried
        known.passed = known.passed and passed
        for name, count in more.items():
            known.more[name] = known.more.get(name, 0) + count

    def keep(self) -> None:
        """Keep every sum as a result, where results are kept."""
        for what, sum_ in self._sums.items():
            outcome = {"what": what, "tried": sum_.tried, "passed": sum_.passed, **sum_.more}
            name, libraries = slug(what)[:80].strip("-"), ("hypothesis", "schemathesis")
            command = "SECURITY=long make security" if LONG else "make security"
            record("security", name, outcome, command=command, seed=SEED, libraries=libraries)
