"""The whole examination: which parts there are to look at, and what is said of them."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from chassis.postgres import database_url
from chassis.settings import Settings
from plumbline.databases import variable
from plumbline.doctor import bus, databases, surroundings
from plumbline.doctor.words import say
from plumbline.home import Home
from plumbline.services import SERVICES, load
from services.accountability.scans.mailroom import MailSettings

WELL = say(
    "Everything looked at is well: databases and bus answer, nothing waits to be published or heard,",
    "nothing is parked.",
)


async def doctor(home: Path, console: Console, between_s: float = bus.BETWEEN_S) -> int:
    """Look at databases, bus and surroundings; exit status 1 when something needs a person."""
    findings = await _findings(home, between_s)
    for finding in findings:
        console.print(f"[yellow]![/yellow] {escape(finding)}", soft_wrap=True)
    if not findings:
        console.print(WELL)
    return 1 if findings else 0


async def _findings(home: Path, between_s: float) -> list[str]:
    named = {name: os.environ[variable(name)] for name in SERVICES if variable(name) in os.environ}
    if named:
        return await _deployment(named, between_s)
    if not (home / "postgres").is_dir():
        return [
            say(
                f"There is no deployment in {home}. Name the folder of an all-in-one with --home, or each service's",
                f"database with {variable('workforce')} and so on.",
            ),
        ]
    with Home(home).postgres() as postgres:
        found = await _databases({name: database_url(postgres.url, f"plumbline_{name}") for name in SERVICES})
        settings = Settings(database_url=postgres.url)
        if settings.kafka_bootstrap_servers:
            return found + await bus.examine_kafka(settings, between_s)
        return found + await bus.examine_embedded(database_url(postgres.url, "plumbline_bus"), between_s)


async def _deployment(named: dict[str, str], between_s: float) -> list[str]:
    """Each service's database by name; the rest as far as its settings are in the environment."""
    settings = Settings(database_url=next(iter(named.values())))
    found = await _databases(named)
    if settings.kafka_bootstrap_servers:
        found += await bus.examine_kafka(settings, between_s)
    elif settings.bus_url:
        found += await bus.examine_embedded(settings.bus_url, between_s)
    if any(name.startswith("OIDC_") for name in os.environ):
        found += await surroundings.examine_keys(settings)
    return (
        found + await surroundings.examine_mail(MailSettings()) + await surroundings.examine_parts(settings.upstreams)
    )


async def _databases(named: dict[str, str]) -> list[str]:
    found = await asyncio.gather(*(databases.examine(load(name), url) for name, url in named.items()))
    return [finding for of_one in found for finding in of_one]
