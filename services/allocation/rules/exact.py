"""Exact numbers: fractions for comparing, decimals for storing, one decimal half-up for showing only."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction
from functools import lru_cache
from math import floor

STORED_PLACES = Decimal("1e-10")
_wide = Context(prec=60, rounding=ROUND_HALF_UP)


@lru_cache(maxsize=4096)
def exact(value: Decimal) -> Fraction:
    """A decimal as a fraction; the few that policies and hours hold come again and again."""
    return Fraction(value)


def as_decimal(value: Fraction) -> Decimal:
    """A fraction as the decimal that is stored and sent: ten places, half-up. Never used to compare."""
    quotient = _wide.divide(Decimal(value.numerator), Decimal(value.denominator))
    return _wide.add(quotient.quantize(STORED_PLACES, context=_wide).normalize(_wide), Decimal(0))


def shown_percent(part: Fraction, whole: Fraction) -> Decimal | None:
    """Part of whole in percent for a screen: one decimal, half-up; None where there is no whole to take a part of."""
    if whole <= 0:
        return None
    tenths, of = 1000 * part.numerator * whole.denominator, part.denominator * whole.numerator
    return Decimal((2 * tenths + of) // (2 * of)) / 10


@lru_cache(maxsize=4096)
def plain(value: Decimal | Fraction) -> str:
    """A number as people write it: no exponent, no trailing zeros, at most two decimals."""
    rounded = Decimal(floor(Fraction(value) * 100 + Fraction(1, 2))) / 100
    text = f"{rounded:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
