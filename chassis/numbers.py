"""Numbers as people read them: exact inside, rounded half-up only where they are shown."""

from __future__ import annotations

import json
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Annotated, Any

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


_EXACT = json.JSONDecoder(parse_float=Decimal)


def exact_json(text: str) -> Any:
    """JSON whose numbers stay as they were written; ValueError when it is none."""
    if text.startswith("{"):
        # The usual text, an object with nothing around it, is read without a look for blanks.
        data, end = _EXACT.raw_decode(text)
        if end == len(text):
            return data
    return _EXACT.decode(text)
