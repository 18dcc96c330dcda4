"""``plumbline up``: everything on one machine, with or without a demonstration authority."""

from __future__ import annotations

import asyncio
import sys

import aiohttp
import uvloop
from rich.console import Console

from plumbline import apart, together
from plumbline.home import Home, prepare_databases
from plumbline.plan import Options, Plan, has_provider, make_plan

READY_DEADLINE_S = 120.0
console = Console(highlight=False)


def up(options: Options, demo: str, seed: int) -> None:
    """Start PostgreSQL, prepare the databases, run everything until SIGTERM, and stop it all again."""
    if demo != "none" and has_provider():
        sys.exit("With an identity provider (OIDC_JWKS_URL) there are no demonstration tokens: add --demo none.")
    home = Home(options.home)
    with home.postgres() as postgres:
        databases = prepare_databases(postgres.url)
        plan = make_plan(options, home, home.new_key(), databases)
        runner = apart.run if options.processes else together.run
        uvloop.run(runner(plan, lambda: _greet(plan, demo, seed)))
    console.print("Plumbline has stopped.")


async def _greet(plan: Plan, demo: str, seed: int) -> None:
    url = plan.url("gateway")
    await _until_ready(url)
    console.print(f"Plumbline is running at {url}")
    if demo == "none":
        return
    from plumbline.simulate import simulate

    await simulate(url, demo, seed, console)
    console.print(f"The demonstration authority is loaded. Open {url} to look around; stop with Ctrl-C.")


async def _until_ready(url: str) -> None:
    async with aiohttp.ClientSession() as session, asyncio.timeout(READY_DEADLINE_S):
        while True:
            try:
                async with session.get(f"{url}/health/ready") as answer:
                    if answer.status == 200:
                        return
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.05)
