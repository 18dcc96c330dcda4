"""Workers as the rules see them: employment, dated facts, managers, policies; together in one statement."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, LiteralString, NamedTuple
from uuid import UUID

from chassis.database import Row, Tx
from services.supervision.rules.policy import Policy, UnitPolicy
from services.supervision.rules.professional import Facts
from services.supervision.rules.record import Current, WorkerRecord
from services.supervision.rules.timeline import Timeline

POLICY_COLUMNS: LiteralString = """weekly_days, weekly_weeks, fortnightly_days, fortnightly_until_months, monthly_days,
    minimum_minutes, training_valid_months"""

_RECORDS: LiteralString = f"""
select w.worker_id, w.employment_started_on, w.employment_ended_on, w.monitored_from, w.earlier_ended_on,
    st.judged_on, st.cadence, st.minutes, d.line_manager_id, u.path,
    (select jsonb_agg(jsonb_build_array(f.worker_id, f.from_on, f.org_unit_id, f.line_manager_id, f.newly_qualified,
                                        f.is_social_worker, f.has_registration_number))
     from worker_facts f
     where f.worker_id in (select w.worker_id union all select %(supervisor)s::uuid
                           union all select m.line_manager_id from worker_facts m where m.worker_id = w.worker_id)
    ) as facts,
    (select jsonb_object_agg(units.org_unit_id, units.path) from directory_units units
     where units.org_unit_id in (select f.org_unit_id from worker_facts f where f.worker_id = w.worker_id)) as paths,
    (select jsonb_agg(jsonb_build_array(p.org_unit_id, p.effective_from, {POLICY_COLUMNS})) from policies p
     where p.org_unit_id in (
        select unnest(units.path) from worker_facts f join directory_units units using (org_unit_id)
        where f.worker_id = w.worker_id)) as policies
from workers w join standings st using (worker_id)
left join directory_workers d using (worker_id) left join directory_units u on u.org_unit_id = d.org_unit_id
"""
_MANY: LiteralString = _RECORDS + " where w.worker_id = any(%(workers)s) order by w.worker_id"

# Compared to one value, not to an array: PostgreSQL then plans it once a connection and not for every session recorded.
_ONE_LOCKED: LiteralString = _RECORDS + " where w.worker_id = %(worker)s for update of st"

NO_FACTS = Timeline[Facts]()


class Known(NamedTuple):
    """A worker's record, where the standing was left, and the facts of the supervisor asked for."""

    worker: WorkerRecord
    judged_on: date | None
    told: tuple[str, int] | None
    """The cadence and minutes last told of."""
    place: Mapping[str, Any]
    supervisor: Timeline[Facts]

    def day(self, today: date) -> date:
        """The day to judge on: a transaction that began before midnight never undoes what was judged after it."""
        return today if self.judged_on is None else max(self.judged_on, today)

    def tells(self, current: Current | None) -> bool:
        """Whether what is asked now differs from what was last told of."""
        return current is not None and self.told != (current.cadence, current.minutes)


async def load_known(tx: Tx, worker_ids: Iterable[UUID]) -> dict[UUID, Known]:
    """What is known of workers."""
    rows = await tx.fetch_all(_MANY, {"workers": list(worker_ids), "supervisor": None})
    return {row["worker_id"]: _known(row, None) for row in rows}


async def lock_known(tx: Tx, worker_id: UUID, supervisor_id: UUID) -> Known | None:
    """What is known of a worker and a supervisor; every other judgement of the worker waits until the transaction ends."""
    row = await tx.fetch_one(_ONE_LOCKED, {"worker": worker_id, "supervisor": supervisor_id})
    return None if row is None else _known(row, supervisor_id)


def _known(row: Row, supervisor_id: UUID | None) -> Known:
    ids = _Ids()
    facts = _timelines(row["facts"] or (), ids)
    own = facts.get(row["worker_id"], NO_FACTS)
    worker = WorkerRecord(
        worker_id=row["worker_id"],
        started_on=row["employment_started_on"],
        ended_on=row["employment_ended_on"],
        monitored_from=row["monitored_from"],
        facts=own,
        managers={m: facts[m] for _, known in own.entries if (m := known.line_manager_id) and m in facts},
        paths={ids[unit]: tuple(ids[above] for above in path) for unit, path in (row["paths"] or {}).items()},
        policies=tuple(unit_policy(values) for values in row["policies"] or ()),
        earlier_ended_on=row["earlier_ended_on"],
    )
    told = (row["cadence"], row["minutes"]) if row["cadence"] else None
    supervisor = facts.get(supervisor_id, NO_FACTS) if supervisor_id else NO_FACTS
    return Known(worker, row["judged_on"], told, row, supervisor)


class _Ids(dict[str, UUID]):
    """Ids by their texts: the same few stand in a record again and again."""

    def __missing__(self, text: str) -> UUID:
        self[text] = made = UUID(text)
        return made


def _timelines(rows: Iterable[Sequence[Any]], ids: _Ids) -> dict[UUID, Timeline[Facts]]:
    entries: defaultdict[UUID, list[tuple[date, Facts]]] = defaultdict(list)
    for worker_id, from_on, unit, manager, *flags in rows:
        facts = Facts(ids[unit], ids[manager] if manager else None, *flags)
        entries[ids[worker_id]].append((date.fromisoformat(from_on), facts))
    return {worker_id: Timeline.of(dated) for worker_id, dated in entries.items()}


def unit_policy(values: Sequence[Any]) -> UnitPolicy:
    """A policy from its JSON array: unit, date, then the numbers in the order of :data:`POLICY_COLUMNS`."""
    unit, effective_from, *numbers = values
    return UnitPolicy(UUID(unit), date.fromisoformat(effective_from), Policy(*numbers))
