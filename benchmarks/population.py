"""Authorities as rows of allocation's own tables, made inside PostgreSQL: as many, and as large, as a measurement asks for."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from hashlib import md5
from typing import Any, LiteralString
from uuid import UUID

import psycopg

# An id is the digest of what it stands for, so that whoever measures knows it without asking.
_ID: LiteralString = """
create or replace function pg_temp.made(kind text, authority int, number int) returns uuid language sql immutable
as $$ select md5(kind || ' ' || authority || ' ' || number)::uuid $$
"""
# A number from 0 up to, not including, `below`, the same each time for the same thing.
_CHANCE: LiteralString = """
create or replace function pg_temp.chance(kind text, a int, b int, c int, below int) returns int language sql immutable
as $$ select mod(abs(hashtext(kind || ' ' || a || ' ' || b || ' ' || c)::bigint), below)::int $$
"""
UNITS: LiteralString = """
insert into directory_units (org_unit_id, parent_id, kind, path, sequence)
select pg_temp.made('authority', a, 0), null, 'authority', array[pg_temp.made('authority', a, 0)], 1
from generate_series(%(first)s::int, %(last)s::int) a
union all
select pg_temp.made('team', a, t), pg_temp.made('authority', a, 0), 'team',
       array[pg_temp.made('authority', a, 0), pg_temp.made('team', a, t)], 1
from generate_series(%(first)s::int, %(last)s::int) a, generate_series(0, %(teams)s::int - 1) t
"""
PEOPLE: LiteralString = """
insert into directory_workers (worker_id, org_unit_id, line_manager_id, left_on, sequence)
select pg_temp.made('worker', a, w), pg_temp.made('team', a, mod(w, %(teams)s::int)),
       pg_temp.made('worker', a, mod(w, %(teams)s::int)), null, 1
from generate_series(%(first)s::int, %(last)s::int) a, generate_series(0, %(workers)s::int - 1) w
"""
_WORKERS: LiteralString = """
insert into workers (worker_id, employment_started_on, is_social_worker, has_registration_number, newly_qualified, sequence)
select pg_temp.made('worker', a, w), current_date - 900, true, true, mod(w, 12) = 11, 1
from generate_series(%(first)s::int, %(last)s::int) a, generate_series(0, %(workers)s::int - 1) w
"""
_FACTS: LiteralString = """
insert into worker_facts (worker_id, from_on, org_unit_id, contracted_hours, career_stage, sequence)
select pg_temp.made('worker', a, w), current_date - 900, pg_temp.made('team', a, mod(w, %(teams)s::int)),
       (array[37, 37, 37, 30, 18.5])[1 + pg_temp.chance('hours', a, w, 0, 5)],
       case when w < %(teams)s::int then 'manager' when mod(w, 12) = 11 then 'asye' else 'practitioner' end, 1
from generate_series(%(first)s::int, %(last)s::int) a, generate_series(0, %(workers)s::int - 1) w
"""
_SKILLS: LiteralString = """
insert into worker_skills (worker_id, skills)
select pg_temp.made('worker', a, w), array(
    select skill from unnest(array['court_work', 'deaf_community', 'domestic_abuse', 'exploitation', 'neglect']) skill
    where pg_temp.chance(skill, a, w, 0, 4) = 0)
from generate_series(%(first)s::int, %(last)s::int) a, generate_series(0, %(workers)s::int - 1) w
"""
_CADENCES: LiteralString = """
insert into cadences (worker_id, from_on, cadence, minutes_per_session, sequence)
select pg_temp.made('worker', a, w), current_date - 900, 'monthly', 90, 1
from generate_series(%(first)s::int, %(last)s::int) a, generate_series(0, %(workers)s::int - 1) w
"""
_POLICIES: LiteralString = """
insert into policies (policy_id, org_unit_id, effective_from, full_time_points, full_time_hours, stable_points, stage_names,
    stage_factors, protect_supervision, cpd_hours_per_week, amber_above_pct, limit_pct, sustained_weeks, modifier_names,
    modifier_points, weight_types, weight_complexities, weight_points, set_by, set_at)
select pg_temp.made('policy', a, 0), pg_temp.made('authority', a, 0), current_date - 900, 100, 37, 10, '{asye}', '{0.8}',
    true, 2, 90, 100, 4, '{court}', '{2}', w.types, w.complexities, w.points, 'benchmark', now()
from generate_series(%(first)s::int, %(last)s::int) a, (
    select array_agg(kind) as types, array_agg(complexity) as complexities, array_agg(points + more) as points
    from (values ('child_in_need', 4), ('child_protection', 6), ('looked_after', 5), ('care_leaver', 3), ('court', 7))
        k (kind, points), (values ('standard', 0), ('complex', 3)) c (complexity, more)) w
"""
# Case number n of an authority; held ones come first, then those that wait, then those that were closed.
_KINDS: LiteralString = """
    (array['child_in_need', 'child_protection', 'looked_after', 'care_leaver', 'court'])[1 + pg_temp.chance('kind', a, w, n, 5)],
    case when pg_temp.chance('complexity', a, w, n, 3) = 0 then 'complex' else 'standard' end,
"""
_HELD: LiteralString = f"""
insert into cases (case_id, source, reference, case_key, case_type, complexity, org_unit_id, priority, received_on, worker_id)
select pg_temp.made('held', a, w * 100 + n), 'bench', 'held ' || a || ' ' || w || ' ' || n,
    md5('held ' || a || ' ' || w || ' ' || n), {_KINDS} pg_temp.made('team', a, mod(w, %(teams)s::int)), 'medium',
    current_date - 10 - pg_temp.chance('received', a, w, n, 300), pg_temp.made('worker', a, w)
from generate_series(%(first)s::int, %(last)s::int) a, generate_series(%(teams)s::int, %(workers)s::int - 1) w,
    generate_series(1, 6 + pg_temp.chance('held', a, w, 0, 8)) n
"""
_WAITING: LiteralString = f"""
insert into cases (case_id, source, reference, case_key, case_type, complexity, org_unit_id, priority, received_on, skills)
select pg_temp.made('waiting', a, n), 'bench', 'waiting ' || a || ' ' || n, md5('waiting ' || a || ' ' || n), {_KINDS}
    pg_temp.made('team', a, mod(n, %(teams)s::int)),
    (array['urgent', 'high', 'medium', 'low'])[1 + pg_temp.chance('priority', a, n, 0, 4)],
    current_date - pg_temp.chance('waited', a, n, 0, 30),
    case pg_temp.chance('skills', a, n, 0, 3) when 0 then array['court_work', 'neglect'] when 1 then array['exploitation']
        else '{{}}' end
from generate_series(%(first)s::int, %(last)s::int) a, generate_series(0, %(waiting)s::int - 1) n, (values (0)) x (w)
"""
_CLOSED: LiteralString = f"""
insert into cases (case_id, source, reference, case_key, case_type, complexity, org_unit_id, priority, received_on, closed_on)
select pg_temp.made('closed', a, n), 'bench', 'closed ' || a || ' ' || n, md5('closed ' || a || ' ' || n), {_KINDS}
    pg_temp.made('team', a, mod(n, %(teams)s::int)), 'medium', current_date - 700, current_date - 1 - mod(n, 600)
from generate_series(%(first)s::int, %(last)s::int) a, generate_series(0, %(workers)s::int * 10 - 1) n, (values (0)) x (w)
"""
_ALLOCATIONS: LiteralString = """
insert into allocations (allocation_id, case_id, worker_id, allocated_on, ended_on, end_kind, points, overridden,
    allocated_by, allocated_at)
select md5('allocation ' || c.case_id)::uuid, c.case_id,
    coalesce(c.worker_id, pg_temp.made('worker', g.a, mod(abs(hashtext(c.reference)::bigint), %(workers)s::int)::int)),
    c.received_on + 1, c.closed_on, case when c.closed_on is not null then 'closed' end, 5, false, 'benchmark', now()
from cases c join (
    select a, pg_temp.made('team', a, t) as org_unit_id
    from generate_series(%(first)s::int, %(last)s::int) a, generate_series(0, %(teams)s::int - 1) t) g using (org_unit_id)
where c.worker_id is not null or c.closed_on is not null
"""
_TABLES: tuple[LiteralString, ...] = (
    "directory_units",
    "directory_workers",
    "workers",
    "worker_facts",
    "worker_skills",
    "cadences",
    "policies",
    "cases",
    "allocations",
)


@dataclass(frozen=True, slots=True)
class Size:
    """How large each authority is."""

    teams: int = 14
    workers: int = 220
    waiting: int = 40


def id_of(kind: str, authority: int, number: int = 0) -> UUID:
    """The id of a thing: ``authority``, ``team``, ``worker``, ``held`` or ``waiting`` of a number."""
    return UUID(md5(f"{kind} {authority} {number}".encode(), usedforsecurity=False).hexdigest())


def define(connection: psycopg.Connection[Any]) -> None:
    """The two functions that every statement here uses, for this connection alone."""
    connection.execute(_ID)
    connection.execute(_CHANCE)


def populate(url: str, first: int, last: int, size: Size) -> None:
    """Authorities ``first`` to ``last`` with people, policies and cases, and fresh statistics for the planner."""
    given = {"first": first, "last": last, **asdict(size)}
    making = (UNITS, PEOPLE, _WORKERS, _FACTS, _SKILLS, _CADENCES, _POLICIES, _HELD, _WAITING, _CLOSED, _ALLOCATIONS)
    with psycopg.connect(url, autocommit=True) as connection:
        define(connection)
        for statement in making:
            connection.execute(statement, given)
        for table in _TABLES:
            connection.execute(f"vacuum analyze {table}")
