"""The sizes that the documents promise are those that are worked out of what was measured."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from benchmarks import scale
from benchmarks.size import PLACES, Place, kept, size_of, table

PAGES = Path(__file__).resolve().parents[2] / "docs" / "operations"


def test_the_page_of_sizes_shows_the_table_that_the_command_prints() -> None:
    assert table(kept()) in (PAGES / "size.md").read_text()


def test_the_page_of_sizes_shows_what_more_workers_were_seen_to_do() -> None:
    page = (PAGES / "size.md").read_text()
    assert scale.table(scale.kept()) in page
    assert f"{scale.full_at(scale.kept()):,.0f} events a second" in page


def test_the_figures_come_from_a_deployment_with_data() -> None:
    costs = kept()
    assert costs.workers > 20
    assert costs.events > 1000


def test_the_plan_for_england_speaks_of_what_england_is() -> None:
    size = size_of(PLACES[-1], kept())
    plan = (PAGES / "england.md").read_text()
    assert (size.events_a_year, size.open_cases) == (20_000_000, 1_200_000)
    for number in ("153", "100,000", "1.2 million", "20 million", f"{size.events_a_second:.1f} events a second"):
        assert number in plan


def test_twice_the_workers_need_twice_the_disk_and_twice_the_cost_twice_the_cores() -> None:
    costs = kept()
    one, two = size_of(Place("one", 1000), costs), size_of(Place("two", 2000), costs)
    dear = size_of(
        Place("one", 1000), replace(costs, cpu_per_event=2 * costs.cpu_per_event, cpu_per_read=2 * costs.cpu_per_read)
    )
    assert round(two.disk_first_year_gb / one.disk_first_year_gb, 6) == 2
    assert round(dear.cores / one.cores, 6) == 2
