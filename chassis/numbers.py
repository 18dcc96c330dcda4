"""Numbers as people read them: exact inside, rounded half-up only where they are shown."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Annotated

from pydantic import PlainSerializer


def _as_json_number(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)


Number = Annotated[Decimal, PlainSerializer(_as_json_number, return_type=float, when_used="json")]
"""A Decimal that travels as a JSON number."""


def half_up(value: Decimal | Fraction | int, places: int) -> Decimal:
    """``value`` rounded half away from zero to ``places`` decimals, from the exact value."""
    exact = Fraction(value)
    scaled = abs(exact) * 10**places
    whole = int(scaled + Fraction(1, 2))
    rounded = (Decimal(whole) / (Decimal(10) ** places)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    return -rounded if exact < 0 else rounded
