"""``plumbline subject``: what is held about a person, and erasing it."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer
from rich.console import Console

from chassis.subjects import Person

app = typer.Typer(help="A person's access request and erasure, across all services.", no_args_is_help=True)
console = Console(highlight=False)

WorkerOption = Annotated[UUID | None, typer.Option(help="The worker, by id.")]
ContactOption = Annotated[
    list[str] | None, typer.Option(help="A mail or postal address of the person; may be repeated.")
]
ReceiptOption = Annotated[list[str] | None, typer.Option(help="A receipt that the person was given; may be repeated.")]
AccountOption = Annotated[
    list[str] | None,
    typer.Option(help="The subject of the person's tokens, as the identity provider knows it; may be repeated."),
]
ByOption = Annotated[str, typer.Option(help="Who answers the request; it is recorded.")]
ReasonOption = Annotated[
    str, typer.Option(help="Why, without personal data, such as the number of the request; it is recorded.")
]
OutOption = Annotated[Path, typer.Option(help="The folder in which the answer is written.")]
HomeOption = Annotated[Path, typer.Option(help="The folder that holds all state.")]


@app.command()
def export(
    by: ByOption,
    reason: ReasonOption,
    out: OutOption = Path("subject-requests"),
    worker: WorkerOption = None,
    contact: ContactOption = None,
    receipt: ReceiptOption = None,
    account: AccountOption = None,
    home: HomeOption = Path(".plumbline"),
) -> None:
    """Write down everything that every service holds about a person."""
    from plumbline.subject.answering import export as run

    sys.exit(asyncio.run(run(_person(by, worker, contact, receipt, account), reason, home, out, console)))


@app.command()
def erase(
    by: ByOption,
    reason: ReasonOption,
    out: OutOption = Path("subject-requests"),
    worker: WorkerOption = None,
    contact: ContactOption = None,
    receipt: ReceiptOption = None,
    account: AccountOption = None,
    home: HomeOption = Path(".plumbline"),
    check: Annotated[bool, typer.Option("--check", help="Say what would be erased, and change nothing.")] = False,
) -> None:
    """Erase a person's words, name and addresses everywhere, and say what is kept and why."""
    from plumbline.subject.answering import erase as run

    sys.exit(asyncio.run(run(_person(by, worker, contact, receipt, account), reason, home, out, console, check=check)))


@app.command(name="list")
def list_answered(home: HomeOption = Path(".plumbline")) -> None:
    """List the requests that were answered: when, for whom, by whom, why, and in which services."""
    from plumbline.subject.history import list_requests

    asyncio.run(list_requests(home, console))


def _person(
    by: str, worker: UUID | None, contact: list[str] | None, receipt: list[str] | None, account: list[str] | None
) -> Person:
    if worker is None and not contact and not receipt and not account:
        raise typer.BadParameter("name the person by --worker, --contact, --receipt or --account")
    return Person(by, worker, tuple(contact or ()), tuple(receipt or ()), tuple(account or ()))
