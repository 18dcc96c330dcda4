"""Small numbers: which cells of a table with margins stay hidden, so that no hidden one can be worked out (clause 1.3).

A cell is small when somebody, but fewer than the limit, is in it. A table is read as a network: each row total flows into its
row, each cell from its row to its column, each column into the total of all. Whoever knows some of the entries knows that every
node balances and that no entry is below zero; the most that a hidden entry may be, as far as such a reader can tell, is its value
plus what can be sent around through the other hidden entries. Further entries are hidden, the cheapest first, until for every
small entry that "most" reaches the limit: then nothing that is published, nor any sum or difference of it, says that it is small.
"""

from __future__ import annotations

import heapq
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

Cell: TypeAlias = tuple[str, str]
"""A row and a column; ``TOTAL`` stands for all of them."""
Node: TypeAlias = tuple[str, str]
TOTAL = "*"

INSIDE, OUTSIDE = 5, 10
"""The least number shown to those who manage, and to everyone."""
ROUNDED_TO = 5
_NODE_OF_ROWS, _NODE_OF_COLUMNS = ("rows", TOTAL), ("columns", TOTAL)


def with_margins(cells: Mapping[Cell, int]) -> dict[Cell, int]:
    """A table with the totals of its rows, of its columns and of all; combinations that are missing are zero."""
    rows, columns = {row for row, _ in cells}, {column for _, column in cells}
    whole: dict[Cell, int] = {(row, column): cells.get((row, column), 0) for row in rows for column in columns}
    for (row, column), count in list(whole.items()):
        for margin in ((row, TOTAL), (TOTAL, column), (TOTAL, TOTAL)):
            whole[margin] = whole.get(margin, 0) + count
    return whole


def small(count: int, limit: int) -> bool:
    """Whether a count would say something about so few that they may be known."""
    return 0 < count < limit


def rounded(count: int) -> int:
    """A count as it is shown: to the nearest five, half up."""
    return (2 * count + ROUNDED_TO) // (2 * ROUNDED_TO) * ROUNDED_TO


def hidden(table: Mapping[Cell, int], limit: int, already: Collection[Cell] = ()) -> set[Cell]:
    """The entries of a table with margins that must not be shown, ``already`` hidden ones among them."""
    if not table:
        return set()
    network = _Network(table, set(already) | {cell for cell, count in table.items() if small(count, limit)})
    for cell in sorted((cell for cell, count in table.items() if small(count, limit)), key=lambda one: table[one]):
        if not network.protect(cell, limit):
            return set(table)
    return network.hidden


def most_possible(table: Mapping[Cell, int], shown: Collection[Cell], cell: Cell, enough: int) -> int:
    """The most that a hidden entry may be, as far as a reader of the shown ones can tell; no further than ``enough``."""
    network = _Network(table, set(table) - set(shown))
    return table[cell] + network.room(cell, enough - table[cell], widen=False)


@dataclass
class _Network:
    """A table as a network whose nodes balance: an entry is an edge, and what is hidden may flow."""

    table: Mapping[Cell, int]
    hidden: set[Cell]
    edges: dict[Node, list[tuple[Cell, Node, bool]]] = field(default_factory=dict)
    """From each node: the entry, the node at its other end, and whether the entry is followed forwards."""

    def __post_init__(self) -> None:
        for cell in self.table:
            start, end = _ends(cell)
            self.edges.setdefault(start, []).append((cell, end, True))
            self.edges.setdefault(end, []).append((cell, start, False))

    def protect(self, cell: Cell, limit: int) -> bool:
        """Hide what it takes for a small entry to be possibly at the limit; whether that can be had."""
        wanted = limit - self.table[cell]
        return self.room(cell, wanted, widen=True) >= wanted

    def room(self, cell: Cell, wanted: int, *, widen: bool) -> int:
        """How much more a hidden entry may be; with ``widen``, entries on the cheapest ways around it are hidden, too."""
        start, end = _ends(cell)
        flow: dict[Cell, int] = {}
        found = 0
        while found < wanted:
            way = self._cheapest(end, start, cell, flow, widen=widen)
            if way is None:
                break
            takes = min([wanted - found, *(self._left(step, flow) for step, forwards in way if not forwards)])
            for step, forwards in way:
                flow[step] = flow.get(step, 0) + (takes if forwards else -takes)
                self.hidden.add(step)
            found += takes
        return found

    def _left(self, cell: Cell, flow: Mapping[Cell, int]) -> int:
        """How much may be taken from an entry before it would fall below zero."""
        return self.table[cell] + flow.get(cell, 0)

    def _cheapest(
        self, start: Node, end: Node, around: Cell, flow: Mapping[Cell, int], *, widen: bool
    ) -> list[tuple[Cell, bool]] | None:
        """The way on which the least is hidden anew; among these the shortest."""
        reached: set[Node] = set()
        queue: list[tuple[int, int, int, Node, tuple[tuple[Cell, bool], ...]]] = [(0, 0, 0, start, ())]
        turns = 0
        while queue:
            cost, length, _, node, way = heapq.heappop(queue)
            if node == end:
                return list(way)
            if node in reached:
                continue
            reached.add(node)
            for cell, other, forwards in self.edges[node]:
                closed = cell == around or (cell not in self.hidden and not widen)
                if closed or other in reached or (not forwards and self._left(cell, flow) <= 0):
                    continue
                turns += 1
                price = 0 if cell in self.hidden else 1 + self.table[cell]
                heapq.heappush(queue, (cost + price, length + 1, turns, other, (*way, (cell, forwards))))
        return None


def _ends(cell: Cell) -> tuple[Node, Node]:
    """From where to where an entry flows: the total of all into the rows' totals, these into cells, these into columns."""
    row, column = cell
    if row == TOTAL and column == TOTAL:
        return _NODE_OF_COLUMNS, _NODE_OF_ROWS
    if column == TOTAL:
        return _NODE_OF_ROWS, ("row", row)
    if row == TOTAL:
        return ("column", column), _NODE_OF_COLUMNS
    return ("row", row), ("column", column)
