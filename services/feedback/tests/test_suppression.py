"""Small numbers: by brute force, no sum or difference of what is shown gives away a group under the limit."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.feedback.rules.suppression import (
    INSIDE,
    OUTSIDE,
    TOTAL,
    Cell,
    hidden,
    most_possible,
    rounded,
    small,
    with_margins,
)

Table = dict[Cell, int]
Row = list[Fraction]


def table_of(*rows: tuple[int, ...]) -> Table:
    return with_margins({(f"r{r}", f"c{c}"): n for r, row in enumerate(rows) for c, n in enumerate(row)})


def inner(table: Table) -> list[Cell]:
    return sorted((cell for cell in table if TOTAL not in cell), key=str)


def known_sums(table: Table, unseen: set[Cell]) -> list[Row]:
    """Each entry that is shown, as the set of inner cells that it is the sum of."""
    cells = inner(table)
    return [
        [Fraction(int(row in (cell[0], TOTAL) and column in (cell[1], TOTAL))) for cell in cells]
        for row, column in table
        if (row, column) not in unseen
    ]


def basis(rows: list[Row]) -> list[Row]:
    """The rows in echelon form."""
    done: list[Row] = []
    for row in rows:
        left = remainder(row, done)
        if any(left):
            lead = next(i for i, value in enumerate(left) if value)
            done.append([value / left[lead] for value in left])
    return done


def remainder(row: Row, done: list[Row]) -> Row:
    for one in done:
        lead = next(i for i, value in enumerate(one) if value)
        if row[lead]:
            row = [value - row[lead] * by for value, by in zip(row, one, strict=True)]
    return row


def given_away(table: Table, unseen: set[Cell], limit: int) -> list[tuple[Cell, ...]]:
    """Every group of inner cells under the limit whose number is a combination of what is shown: by brute force."""
    cells = inner(table)
    known = basis(known_sums(table, unseen))
    found = []
    for size in range(1, len(cells) + 1):
        for group in combinations(cells, size):
            if small(sum(table[cell] for cell in group), limit):
                wanted = [Fraction(int(cell in group)) for cell in cells]
                if not any(remainder(wanted, known)):
                    found.append(group)
    return found


@pytest.mark.parametrize(
    ("table", "limit"),
    [
        pytest.param(table_of((3,), (12,), (20,)), 10, id="one small team among large ones"),
        pytest.param(table_of((3,), (4,), (20,)), 10, id="two small teams that are small together"),
        pytest.param(table_of((12,), (20,)), 10, id="no small team"),
        pytest.param(table_of((3,), (4,)), 10, id="everything small"),
        pytest.param(table_of((0,), (4,), (30,)), 10, id="a small team beside an empty one"),
        pytest.param(table_of((3, 12), (14, 20)), 10, id="one small cell"),
        pytest.param(table_of((3, 12, 11), (14, 20, 15), (30, 18, 2)), 10, id="two small cells that share no line"),
        pytest.param(table_of((0, 12, 0), (2, 0, 15), (30, 18, 2)), 5, id="small cells beside empty ones"),
        pytest.param(table_of((1, 1, 1), (1, 1, 1)), 5, id="small cells everywhere"),
    ],
)
def test_nothing_under_the_limit_is_shown_or_can_be_worked_out(table: Table, limit: int) -> None:
    unseen = hidden(table, limit)
    assert not any(small(table[cell], limit) for cell in set(table) - unseen)
    assert given_away(table, unseen, limit) == []


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.integers(0, 25), min_size=3, max_size=3), min_size=2, max_size=3))
def test_by_brute_force_no_group_of_cells_is_given_away(rows: list[list[int]]) -> None:
    table = table_of(*map(tuple, rows))
    for limit in (INSIDE, OUTSIDE):
        assert given_away(table, hidden(table, limit), limit) == []


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.integers(0, 25), min_size=4, max_size=4), min_size=3, max_size=5))
def test_a_small_number_might_be_a_large_one_as_far_as_a_reader_can_tell(rows: list[list[int]]) -> None:
    table = table_of(*map(tuple, rows))
    shown = set(table) - hidden(table, OUTSIDE)
    for cell, count in table.items():
        if small(count, OUTSIDE) and shown:
            assert most_possible(table, shown, cell, OUTSIDE) >= OUTSIDE


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(st.integers(0, 25), min_size=3, max_size=3), min_size=2, max_size=3))
def test_two_readerships_together_learn_no_more_than_the_inner_one(rows: list[list[int]]) -> None:
    table = table_of(*map(tuple, rows))
    inside = hidden(table, INSIDE)
    assert inside <= hidden(table, OUTSIDE, inside)


@settings(max_examples=8, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=2, max_size=2))
def test_another_table_with_a_larger_number_in_the_same_place_would_look_the_same(rows: list[tuple[int, int]]) -> None:
    """Every table of such numbers is tried: for each small cell, one that is shown alike has the limit or more there."""
    table = table_of(*rows)
    limit = 3
    unseen = hidden(table, limit)
    seen = {cell: count for cell, count in table.items() if cell not in unseen}
    for cell in inner(table):
        if small(table[cell], limit):
            alike = (
                other
                for numbers in product(range(10), repeat=4)
                if all((other := table_of(numbers[:2], numbers[2:]))[place] == count for place, count in seen.items())
            )
            assert any(other[cell] >= limit for other in alike), (table, unseen, cell)


def test_a_reader_without_secondary_hiding_would_work_it_out() -> None:
    """The brute force finds what it is there to find."""
    table = table_of((3,), (12,), (20,))
    only_small = {cell for cell, count in table.items() if small(count, 10)}
    assert given_away(table, only_small, 10) == [(("r0", "c0"),)]


@pytest.mark.parametrize(
    ("count", "wanted"),
    [(0, 0), (2, 0), (3, 5), (5, 5), (7, 5), (8, 10), (12, 10), (13, 15)],
)
def test_shown_numbers_are_rounded_to_five_half_up(count: int, wanted: int) -> None:
    assert rounded(count) == wanted
