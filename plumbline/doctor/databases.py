"""What can be wrong with a service's database and with what waits in it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, LiteralString

import psycopg
from psycopg.rows import dict_row

from chassis import migrations
from chassis.failures import reason_of
from chassis.service import Service
from plumbline.doctor.words import say

CONNECT_TIMEOUT_S = 5
OLD_OUTBOX_S = 60
SKEW_S = 2.0
LATE_NOTIFICATION_S = 900

_NOW: LiteralString = "select clock_timestamp() as now"
_PULSE: LiteralString = """
select (select count(*) from outbox where published_at is null) as pending,
       coalesce((select extract(epoch from clock_timestamp() - min(created_at)) from outbox where published_at is null), 0)
           ::float as age,
       (select count(distinct key) from parked_records) as parked,
       (select min(parked_at) from parked_records) as parked_since,
       (select count(*) from consumer_failures) as failing,
       (select count(*) from pg_stat_activity where datname = current_database() and state = 'idle in transaction'
           and xact_start < clock_timestamp() - interval '1 minute') as left_open
"""
_TOLD: LiteralString = """
select count(*) filter (where status = 'dead' and finished_at > %(now)s::timestamptz - interval '7 days') as dead,
       count(*) filter (where status = 'pending' and attempts > 0
           and created_at < %(now)s::timestamptz - make_interval(secs => %(late)s)) as late,
       max(last_problem) filter (where status in ('dead', 'pending')) as problem
from notifications
"""
_NOTHING: dict[str, Any] = {}


async def examine(service: Service, url: str) -> list[str]:
    """Findings about the database of one service."""
    name = service.name
    try:
        connection = await psycopg.AsyncConnection.connect(
            url, connect_timeout=CONNECT_TIMEOUT_S, autocommit=True, row_factory=dict_row
        )
    except psycopg.Error as failure:
        return [
            say(
                f"{name}: its database cannot be reached ({_first_line(failure)}). Check that PostgreSQL runs, that",
                f"this machine may reach it, and name, user and password in DATABASE_URL_{name.upper()}.",
            ),
        ]
    async with connection:
        skew = await _clock(connection, name)
        if migrations.behind(url, service.migrations, service.tables):
            return [
                *skew,
                say(
                    f"{name}: its database lacks migrations that this version needs. Run `plumbline migrate {name}` with",
                    "its DATABASE_URL, then start the service again.",
                ),
            ]
        try:
            return [*skew, *await _waiting(connection, name), *await _notifications(connection, name)]
        except psycopg.Error as failure:
            return [*skew, f"{name}: its database cannot be read ({reason_of(failure)}). Check the rights of its user."]


def _first_line(failure: psycopg.Error) -> str:
    return (str(failure).strip() or type(failure).__name__).splitlines()[0].rstrip(".")


async def _clock(connection: Any, name: str) -> list[str]:
    asked = datetime.now(UTC)
    row = await (await connection.execute(_NOW)).fetchone()
    answered = datetime.now(UTC)
    skew = (row["now"] - asked).total_seconds()
    late = (row["now"] - answered).total_seconds()
    off = skew if skew < 0 else max(late, 0.0)
    if abs(off) <= SKEW_S:
        return []
    return [
        say(
            f"{name}: its database's clock is {abs(off):.0f} seconds {'ahead of' if off > 0 else 'behind'} this",
            "machine's. Let both take their time from the same NTP servers: tokens, due dates and ages are judged",
            "by these clocks.",
        ),
    ]


async def _waiting(connection: Any, name: str) -> list[str]:
    pulse = await (await connection.execute(_PULSE)).fetchone() or _NOTHING
    found = []
    if pulse["age"] > OLD_OUTBOX_S:
        found.append(
            say(
                f"{name}: {pulse['pending']} events wait to be published, the oldest for {pulse['age']:.0f} seconds.",
                "The relay is not running or the bus does not accept them. Start a worker of it; see",
                "docs/runbooks/lag-and-outbox-age.md.",
            ),
        )
    if pulse["parked"]:
        found.append(
            say(
                f"{name}: {pulse['parked']} keys are parked, the first since {pulse['parked_since']:%d %B %H:%M}.",
                "Nothing of them moves in this service. Run `plumbline parked list` and follow",
                "docs/runbooks/parked-keys.md.",
            ),
        )
    if pulse["failing"]:
        found.append(
            say(
                f"{name}: {pulse['failing']} records have failed and are being tried again. Read the service's log; if",
                "they are parked, see docs/runbooks/parked-keys.md.",
            ),
        )
    if pulse["left_open"]:
        found.append(
            say(
                f"{name}: {pulse['left_open']} transactions have been left open for more than a minute. Find out whose",
                "they are in pg_stat_activity and end them: docs/runbooks/errors-and-slowness.md.",
            ),
        )
    return found


async def _notifications(connection: Any, name: str) -> list[str]:
    if name != "accountability":
        return []
    given = {"now": datetime.now(UTC), "late": LATE_NOTIFICATION_S}
    told = await (await connection.execute(_TOLD, given)).fetchone() or _NOTHING
    found = []
    if told["late"]:
        found.append(
            say(
                f"{name}: {told['late']} people wait to be told of an alert, because: {told['problem']}. Mend that;",
                "they are then told by themselves. See docs/runbooks/notifications.md.",
            ),
        )
    if told["dead"]:
        found.append(
            say(
                f"{name}: {told['dead']} notifications were given up in the last seven days, because:",
                f"{told['problem']}. Mend that and let them be tried again as docs/runbooks/notifications.md says.",
            ),
        )
    return found
