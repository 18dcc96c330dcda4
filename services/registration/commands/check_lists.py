"""Making the lists that a register is asked, each as long as it takes at once (clause 7.1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import LiteralString
from uuid import UUID

from chassis.clients import Clients
from chassis.database import Database, Row, Tx
from chassis.ids import new_id
from services.registration.commands.register import Entry, current_entry, lock_worker, save_entry
from services.registration.queries.people import ask_people
from services.registration.queries.workers import list_holders, list_states_of_unit
from services.registration.rules.sources import RegisterSource, lists_of
from services.registration.rules.status import number_of

_KEEP: LiteralString = """
insert into check_lists (list_id, org_unit_id, source, numbers, made_by, made_at)
values (%(list_id)s, %(unit)s, %(source)s, %(numbers)s, %(actor)s, %(now)s)
"""


@dataclass(frozen=True, slots=True)
class CheckList:
    """One list, and what a person enters into the register's search for it."""

    list_id: UUID
    numbers: Sequence[str]
    question: str


@dataclass(frozen=True, slots=True)
class CheckLists:
    """The lists of a unit, and those of whom no number is known, so that nobody is left out unseen."""

    lists: Sequence[CheckList]
    without_number: Sequence[UUID]


async def ask_for_numbers(database: Database, clients: Clients, unit: UUID) -> dict[UUID, str]:
    """The numbers that only workforce has on file: asked of it before anything is written."""
    async with database.reading() as tx:
        states = await list_states_of_unit(tx, unit, None)
    lacking = [state["worker_id"] for state in states if _is_on_file_elsewhere(state)]
    on_file = await ask_people(clients, lacking)
    numbers = {worker: number_of(person.registration_number or "") for worker, person in on_file.items()}
    return {worker: number for worker, number in numbers.items() if number}


async def make_check_lists(tx: Tx, unit: UUID, source: RegisterSource, on_file: dict[UUID, str]) -> CheckLists:
    """Lists of everyone employed in a unit and below of whom registration is asked; numbers ``on_file`` begin entries."""
    await _adopt(tx, on_file)
    states = await list_states_of_unit(tx, unit, None)
    known = [state["number"] for state in states if state["number"]]
    lists = [await _keep(tx, unit, source, numbers) for numbers in lists_of(known, source.most_at_once)]
    return CheckLists(lists, [state["worker_id"] for state in states if not state["number"]])


def _is_on_file_elsewhere(state: Row) -> bool:
    return state["number"] is None and bool(state["has_registration_number"])


async def _adopt(tx: Tx, numbers: dict[UUID, str]) -> None:
    """Begin entries with the numbers that workforce has on file; a number that is somebody's already is left out."""
    taken = await list_holders(tx, list(numbers.values()))
    for worker_id, number in sorted(numbers.items()):
        unit = await lock_worker(tx, worker_id)
        if number not in taken and await current_entry(tx, worker_id) is None:
            taken[number] = worker_id
            await save_entry(tx, worker_id, unit, Entry(number, "unknown", None, None, "hand"), None)


async def _keep(tx: Tx, unit: UUID, source: RegisterSource, numbers: list[str]) -> CheckList:
    list_id = new_id()
    row = {"list_id": list_id, "unit": unit, "source": source.name, "numbers": numbers}
    await tx.execute(_KEEP, {**row, "actor": tx.actor, "now": tx.now})
    return CheckList(list_id, numbers, source.question(numbers))
