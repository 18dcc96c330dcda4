"""The demonstration authority: planned by chance that can be repeated, driven through the real REST API."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime

from rich.console import Console

from chassis.clock import london_date
from plumbline.simulate.api import Api, connect
from plumbline.simulate.driver import ADMIN, drive
from plumbline.simulate.people import NOT_MONITORED
from plumbline.simulate.planner import director_ref, make_plan, planned_on
from plumbline.simulate.summary import Summary

__all__ = ["Summary", "run", "simulate"]


def run(url: str, size: str, seed: int) -> Summary:
    """Load a demonstration authority and say how it went."""
    return asyncio.run(simulate(url, size, seed, Console(highlight=False)))


async def simulate(base_url: str, size: str, seed: int, console: Console) -> Summary:
    """Drive the authority of a size and seed into the deployment at ``base_url``; a second time changes nothing.

    Raises ``aiohttp.ClientError`` when the deployment cannot be reached, and ``RefusedError`` when it refuses what the rest
    stands on; other refusals are counted in the summary.
    """
    async with connect(base_url) as api:
        today, complete = await _earlier_load(api, size, seed)
        plan = make_plan(size, seed, today or london_date(datetime.now(UTC)))
        if complete:
            summary = Summary(authority=plan.units[0].name, already_there=True)
        else:
            summary = await drive(api, plan, console)
    summary.show(console)
    return summary


async def _earlier_load(api: Api, size: str, seed: int) -> tuple[date | None, bool]:
    """The day of an earlier load of this authority, and whether it came to its end."""
    found = await api.get(ADMIN, "/v1/workforce/workers", employee_ref=director_ref(size, seed))
    for director in found["items"]:
        started_on = date.fromisoformat(director["employment_started_on"])
        return planned_on(started_on), director["monitored_from"] == NOT_MONITORED.isoformat()
    return None, False
