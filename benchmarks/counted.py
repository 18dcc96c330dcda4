"""Authorities as rows of accountability's own tables, made inside PostgreSQL, with the same ids as in allocation's."""

from __future__ import annotations

from dataclasses import asdict
from typing import LiteralString

import psycopg

from benchmarks.population import PEOPLE, UNITS, Size, define
from services.accountability.rules.measures import CATALOGUE

DAYS = 60

# Every tally of every team changed on every third day.
_FIGURES: LiteralString = """
insert into figures (tally, org_unit_id, on_date, amount, changed_at)
select tally, pg_temp.made('team', a, t), current_date - d, 1 + pg_temp.chance(tally, a, t, d, 9),
    now() - make_interval(days => d)
from unnest(%(tallies)s::text[]) tally, generate_series(%(first)s::int, %(last)s::int) a,
    generate_series(0, %(teams)s::int - 1) t, generate_series(0, %(days)s::int, 3) d
"""
_CONTRIBUTIONS: LiteralString = """
insert into contributions (series, key, on_date, org_unit_id, amounts, position)
select 'supervision.period', pg_temp.made('worker', a, w) || '|line|' || (current_date - 30 * m), current_date - 30 * m,
       pg_temp.made('team', a, mod(w, %(teams)s::int)), '{"periods_met": 1}', 1
from generate_series(%(first)s::int, %(last)s::int) a, generate_series(0, %(workers)s::int - 1) w, generate_series(1, 12) m
"""
_ALERTS: LiteralString = """
insert into alerts (alert_id, kind, standard, clause, severity, subject_type, subject_id, stream, org_unit_id, status, level,
    accountable_worker_id, raised_at, due_at, event_ids, resolved_at)
select pg_temp.made('alert', a, n), 'supervision.missed', 5, '5.6', 'high', 'worker',
       pg_temp.made('worker', a, mod(n, %(workers)s::int))::text, 'line',
       pg_temp.made('team', a, mod(mod(n, %(workers)s::int), %(teams)s::int)),
       case when n < 40 then 'open' else 'resolved' end, 'line_manager', pg_temp.made('worker', a, mod(n, %(teams)s::int)),
       now() - make_interval(hours => n), now() + interval '1 day', '{}', case when n >= 40 then now() end
from generate_series(%(first)s::int, %(last)s::int) a, generate_series(0, 399) n
"""
_TABLES: tuple[LiteralString, ...] = ("directory_units", "directory_workers", "figures", "contributions", "alerts")


def count_up(url: str, first: int, last: int, size: Size) -> None:
    """Authorities ``first`` to ``last`` with two months of figures, a year of judged periods and their alerts."""
    tallies = sorted({tally for measure in CATALOGUE.values() for tally in measure.tallies})
    given = {"first": first, "last": last, "tallies": tallies, "days": DAYS, **asdict(size)}
    with psycopg.connect(url, autocommit=True) as connection:
        define(connection)
        for statement in (UNITS, PEOPLE, _FIGURES, _CONTRIBUTIONS, _ALERTS):
            connection.execute(statement, given)
        for table in _TABLES:
            connection.execute(f"vacuum analyze {table}")
