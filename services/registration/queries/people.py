"""What workforce says of a person at this moment: used for the question at hand, and not kept with it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from chassis.clients import Clients
from chassis.problems import Unavailable

AT_ONCE = 10


@dataclass(frozen=True, slots=True)
class Person:
    """A worker's name, and the registration number that the employer has on file."""

    name: str
    registration_number: str | None


async def ask_people(clients: Clients, workers: Iterable[UUID]) -> dict[UUID, Person]:
    """What workforce has on file of each worker; nobody when workforce cannot be asked, which a check can do without."""
    turns = asyncio.Semaphore(AT_ONCE)

    async def ask(worker_id: UUID) -> tuple[UUID, Person | None]:
        async with turns:
            try:
                answer = await clients.get("workforce", f"/v1/workforce/workers/{worker_id}/contact")
            except Unavailable:
                answer = None
        return worker_id, Person(answer["name"], answer.get("registration_number")) if answer else None

    found = await asyncio.gather(*[ask(worker_id) for worker_id in workers])
    return {worker_id: person for worker_id, person in found if person is not None}
