"""Random digits in store."""

from __future__ import annotations

import pytest

from chassis.randomness import Reserve


@pytest.mark.parametrize("size", [8, 16, 24])
def test_digits_are_given_out_once_each_across_many_blocks(size: int) -> None:
    reserve = Reserve()
    drawn = [reserve.fresh_hex(size) for _ in range(5_000)]
    assert {len(digits) for digits in drawn} == {2 * size}
    assert len(set(drawn)) == len(drawn)
    assert set("".join(drawn)) == set("0123456789abcdef")
