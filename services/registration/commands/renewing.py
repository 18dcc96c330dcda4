"""Renewals: recording their parts, telling where they stand, and reminding the worker and then the line manager (clause 7.2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, LiteralString
from uuid import UUID

from psycopg.types.json import Jsonb

from chassis.database import Tx
from chassis.problems import FieldProblem, RuleBroken
from contracts.registration import RenewalChangedV1, RenewalRemindedV1
from services.registration.queries.renewals import Stored, list_stored
from services.registration.rules.policy import Policy
from services.registration.rules.renewal import (
    Reminder,
    Renewal,
    part_problem,
    reminder_on,
    renewal_on,
    year_end_of,
)
from services.registration.rules.status import BARRED, Status

_PARTS: LiteralString = """
insert into renewals as r (worker_id, year_end, form_on, fee_on, cpd_on)
values (%(worker)s, %(year_end)s, %(form_on)s, %(fee_on)s, %(cpd_on)s)
on conflict (worker_id, year_end) do update set form_on = excluded.form_on, fee_on = excluded.fee_on,
    cpd_on = excluded.cpd_on, version = r.version + 1
where (r.form_on, r.fee_on, r.cpd_on) is distinct from (excluded.form_on, excluded.fee_on, excluded.cpd_on)
"""
_TOLD: LiteralString = """
insert into renewals (worker_id, year_end, told) values (%(worker)s, %(year_end)s, %(told)s)
on conflict (worker_id, year_end) do update set told = excluded.told
"""
_REMINDED: LiteralString = """
insert into reminders (worker_id, year_end, days_before, reminded_on, recipients)
values (%(worker)s, %(year_end)s, %(days_before)s, %(today)s, %(recipients)s) on conflict do nothing
"""
_OFF_THE_REGISTER = BARRED - {"suspended", "interim_suspension"}
"""Whoever is suspended renews like everyone else; whoever is off the register cannot."""


@dataclass(frozen=True, slots=True)
class Concerned:
    """A worker as renewals see one; ``on_file`` = an employed social worker whose number is known."""

    worker_id: UUID
    org_unit_id: UUID
    line_manager_id: UUID | None
    on_file: bool
    status: Status
    valid_to: date | None
    policy: Policy

    @property
    def must_renew(self) -> bool:
        """Whether the renewal of a year is asked of the worker."""
        return self.on_file and self.status not in _OFF_THE_REGISTER


async def record_parts(tx: Tx, worker_id: UUID, year_end: date, parts: dict[str, date | None]) -> None:
    """Record when the form, the fee and the CPD of a year were done; none for what is not. Settle the worker afterwards."""
    wrong = [
        FieldProblem(name, problem)
        for name, day in parts.items()
        if day is not None and (problem := part_problem(day, tx.today, year_end))
    ]
    if wrong:
        raise RuleBroken("part-not-possible", "Correct the days: see `errors`.", fields=wrong)
    await tx.execute(_PARTS, {"worker": worker_id, "year_end": year_end, **parts})


async def settle_renewals(tx: Tx, workers: Sequence[Concerned]) -> None:
    """Tell where the renewals of this year and the last stand, where that changed, and remind whoever is due a reminder."""
    this_year = year_end_of(tx.today)
    years = (date(this_year.year - 1, 11, 30), this_year)
    stored = await list_stored(tx, [one.worker_id for one in workers], years)
    for one in workers:
        for year_end in years:
            known = stored.get((one.worker_id, year_end))
            if known is not None or year_end == this_year:
                await _settle(tx, one, year_end, known or Stored())


async def _settle(tx: Tx, one: Concerned, year_end: date, stored: Stored) -> None:
    renewal = renewal_on(
        tx.today, year_end, stored.parts, must_renew=one.must_renew, valid_until=one.valid_to, policy=one.policy
    )
    await _tell(tx, one, year_end, renewal, stored)
    days = [row["days_before"] for row in stored.reminders]
    reminder = reminder_on(tx.today, year_end, renewal, days, one.policy)
    if reminder is not None:
        await _remind(tx, one, year_end, renewal, reminder)


async def _tell(tx: Tx, one: Concerned, year_end: date, renewal: Renewal, stored: Stored) -> None:
    event = RenewalChangedV1(
        worker_id=one.worker_id,
        org_unit_id=one.org_unit_id,
        registration_year_end=year_end,
        due=renewal.due,
        form=renewal.parts.form,
        fee=renewal.parts.fee,
        cpd=renewal.parts.cpd,
        renewed=renewal.renewed,
        ready=renewal.ready,
        missing=renewal.missing,
        at_risk=renewal.at_risk,
    )
    told: dict[str, Any] = event.model_dump(mode="json")
    was_due = stored.told is not None and stored.told["due"]
    if told == stored.told or not (renewal.due or was_due):
        return  # a year that is over, or not yet begun, is no news about the one that runs
    await tx.queue(_TOLD, {"worker": one.worker_id, "year_end": year_end, "told": Jsonb(told)})
    tx.emit(event)


async def _remind(tx: Tx, one: Concerned, year_end: date, renewal: Renewal, reminder: Reminder) -> None:
    people = {"worker": one.worker_id, "line_manager": one.line_manager_id}
    told = [recipient for recipient in reminder.recipients if people[recipient] is not None]
    row = {"worker": one.worker_id, "year_end": year_end, "days_before": reminder.days_before, "today": tx.today}
    await tx.queue(_REMINDED, {**row, "recipients": told})
    for recipient in told:
        tx.emit(
            RenewalRemindedV1(
                worker_id=one.worker_id,
                org_unit_id=one.org_unit_id,
                registration_year_end=year_end,
                days_before=reminder.days_before,
                recipient=recipient,
                recipient_id=people[recipient] or one.worker_id,
                missing=renewal.missing,
            )
        )
