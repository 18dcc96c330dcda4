"""Dealing with a concern: acknowledged, assessed, answered, passed on when late, asked after (clauses 4.3, 4.4)."""

from __future__ import annotations

from typing import LiteralString

from chassis.database import Row, Tx
from chassis.problems import Conflict, NotFound
from contracts.safety import (
    ConcernAcknowledgedV1,
    ConcernAnsweredV1,
    ConcernAssessedV1,
    ConcernEscalatedV1,
    FollowUpMadeV1,
)
from services.safety.commands.concerns import announce, write_message
from services.safety.commands.notes import write_note
from services.safety.queries.people import list_answerable, list_below
from services.safety.rules.concerns import Outcome, Risk, Step, after, next_handler, step_problem
from services.safety.rules.follow_ups import FollowUpOutcome, due_dates, early_problem

_ACKNOWLEDGE: LiteralString = """
update concerns set step = %(next)s, step_due_on = assess_by, acknowledged_on = %(today)s where concern_id = %(concern)s
"""
_ASSESS: LiteralString = """
update concerns set step = %(next)s, step_due_on = answer_by, assessed_on = %(today)s, risk = %(risk)s
where concern_id = %(concern)s
"""
_ANSWER: LiteralString = """
update concerns set step = %(next)s, step_due_on = null, answered_on = %(today)s, outcome = %(outcome)s
where concern_id = %(concern)s
"""
_PLAN: LiteralString = """
insert into follow_ups (concern_id, months, due_on) values (%(concern)s, %(months)s, %(due_on)s) on conflict do nothing
"""
_FOLLOW_UP: LiteralString = """
select * from follow_ups where concern_id = %(concern)s and months = %(months)s for update
"""
_MADE: LiteralString = """
update follow_ups set made_on = %(today)s, outcome = %(outcome)s where concern_id = %(concern)s and months = %(months)s
"""
_LATE: LiteralString = """
select * from concerns where step_due_on < %(today)s and escalated_for is distinct from step
order by step_due_on, concern_id limit 100 for update skip locked
"""
_ESCALATE: LiteralString = """
update concerns set escalated_for = step, handler_id = %(handler)s, handled_unit_id = %(unit)s, level = %(level)s
where concern_id = %(concern)s
"""


async def acknowledge(tx: Tx, concern: Row) -> None:
    """Tell whoever raised a concern that it arrived."""
    await _begin(tx, concern, "acknowledge")
    await tx.execute(_ACKNOWLEDGE, _values(tx, concern, "acknowledge"))
    tx.emit(ConcernAcknowledgedV1(**_about(tx, concern, "acknowledge_by"), acknowledged_on=tx.today))


async def assess(tx: Tx, concern: Row, risk: Risk, words: str | None) -> None:
    """State the risk behind a concern."""
    await _begin(tx, concern, "assess")
    await tx.execute(_ASSESS, {**_values(tx, concern, "assess"), "risk": risk})
    await write_note(tx, concern["concern_id"], "assessment", words)
    tx.emit(ConcernAssessedV1(**_about(tx, concern, "assess_by"), assessed_on=tx.today, risk=risk))


async def answer(tx: Tx, concern: Row, outcome: Outcome, words: str) -> None:
    """Say what was done about a concern, to whoever raised it, and plan to ask whether it did them harm."""
    await _begin(tx, concern, "answer")
    await tx.execute(_ANSWER, {**_values(tx, concern, "answer"), "outcome": outcome})
    await write_message(tx, concern["concern_id"], words, from_reporter=False)
    planned = due_dates(tx.today).items()
    await tx.execute_many(_PLAN, [{"concern": concern["concern_id"], "months": m, "due_on": due} for m, due in planned])
    tx.emit(ConcernAnsweredV1(**_about(tx, concern, "answer_by"), answered_on=tx.today, outcome=outcome))


async def follow_up(tx: Tx, concern: Row, months: int, outcome: FollowUpOutcome, words: str | None) -> None:
    """Record what the reporter says some months later; once for each time."""
    asked = {"concern": concern["concern_id"], "months": months}
    row = await tx.fetch_one(_FOLLOW_UP, asked)
    if row is None:
        raise NotFound(
            "follow-up-not-planned", "Follow-ups are planned when a concern is answered: after 1, 3 and 6 months."
        )
    if row["made_on"] is not None:
        raise Conflict("follow-up-made", f"It was made on {row['made_on']}.")
    problem = early_problem(row["due_on"], tx.today)
    if problem:
        raise Conflict("follow-up-not-due", problem)
    await tx.execute(_MADE, {**asked, "today": tx.today, "outcome": outcome})
    await write_note(tx, concern["concern_id"], f"follow_up_{months}", words)
    unit = concern["handled_unit_id"]
    about = {"concern_id": concern["concern_id"], "org_unit_id": unit, "months": months}
    tx.emit(FollowUpMadeV1(**about, outcome=outcome, made_on=tx.today))


async def escalate_late(tx: Tx) -> int:
    """Pass each concern whose step is overdue to the next person up the line, past its subject; how many."""
    rows = await tx.fetch_all(_LATE, {"today": tx.today})
    for row in rows:
        await _escalate(tx, row)
    return len(rows)


async def _escalate(tx: Tx, row: Row) -> None:
    await announce(tx, row["concern_id"])
    line = await list_answerable(tx, row["org_unit_id"], tx.today)
    closed_to = [*await list_below(tx, row["subject_id"]), *([row["reporter_id"]] if row["reporter_id"] else [])]
    above = next_handler(line, closed_to, row["handler_id"])
    handler = above.worker_id if above else row["handler_id"]
    unit = above.org_unit_id if above else row["handled_unit_id"]
    level = row["level"] + (1 if above else 0)
    await tx.execute(_ESCALATE, {"concern": row["concern_id"], "handler": handler, "unit": unit, "level": level})
    about = {"concern_id": row["concern_id"], "org_unit_id": unit, "step": row["step"]}
    tx.emit(ConcernEscalatedV1(**about, due_on=row["step_due_on"], level=level))


async def _begin(tx: Tx, concern: Row, step: Step) -> None:
    problem = step_problem(concern["step"], step)
    if problem:
        raise Conflict("not-the-next-step", problem, waiting_for=concern["step"])
    await announce(tx, concern["concern_id"])


def _values(tx: Tx, concern: Row, step: Step) -> Row:
    return {"concern": concern["concern_id"], "today": tx.today, "next": after(step)}


def _about(tx: Tx, concern: Row, due: str) -> Row:
    return {
        "concern_id": concern["concern_id"],
        "org_unit_id": concern["handled_unit_id"],
        "topic": concern["topic"],
        "days": (tx.today - concern["received_on"]).days,
        "in_time": tx.today <= concern[due],
    }
