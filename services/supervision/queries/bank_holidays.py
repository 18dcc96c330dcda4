"""The bank holidays of England."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

import holidays


@lru_cache(maxsize=256)
def _of(year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays("GB", subdiv="ENG", years=year))


class BankHolidays:
    """All of them: ``day in ENGLAND``."""

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and day in _of(day.year)


ENGLAND = BankHolidays()
