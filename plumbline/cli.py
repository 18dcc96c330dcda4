"""The command line of Plumbline."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from plumbline import access
from plumbline.parts import Role
from plumbline.services import SERVICES
from plumbline.subject.cli import app as subject

app = typer.Typer(
    help="Keeps the eight Standards for Employers of Social Workers.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
parked = typer.Typer(help="Records that a service could not apply, set aside with their keys.", no_args_is_help=True)
app.add_typer(parked, name="parked")
app.add_typer(access.app, name="break-glass")
app.command()(access.revoke)
app.add_typer(subject, name="subject")
console = Console(highlight=False)

HomeOption = Annotated[Path, typer.Option(help="The folder that holds all state.")]
UrlOption = Annotated[str, typer.Option(help="The gateway to talk to.")]


@app.command()
def up(
    host: Annotated[
        str, typer.Option(help="Where the gateway listens; demonstration tokens only on loopback.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="The gateway's port.")] = 8000,
    home: HomeOption = Path(".plumbline"),
    demo: Annotated[str, typer.Option(help="The demonstration authority to load: none, small or full.")] = "small",
    bus: Annotated[str, typer.Option(help="embedded, or kafka://HOST:PORT.")] = "embedded",
    processes: Annotated[bool, typer.Option("--processes", help="One process per service; needs Kafka.")] = False,
    seed: Annotated[int, typer.Option(help="Which demonstration authority.")] = 1,
) -> None:
    """Run everything on this machine, until Ctrl-C or SIGTERM."""
    from plumbline.plan import Options
    from plumbline.up import up as run

    if demo not in ("none", "small", "full"):
        raise typer.BadParameter("choose none, small or full", param_hint="--demo")
    kafka = bus.removeprefix("kafka://") if bus.startswith("kafka://") else ""
    if bus != "embedded" and not kafka:
        raise typer.BadParameter("write embedded, or kafka://HOST:PORT", param_hint="--bus")
    if processes and not kafka:
        raise typer.BadParameter("one process per service needs --bus kafka://HOST:PORT", param_hint="--processes")
    run(Options(host, port, home, kafka, processes), demo, seed)


@app.command()
def serve(
    part: Annotated[str, typer.Argument(help=f"gateway, or one of {', '.join(SERVICES)}.")],
    role: Annotated[Role, typer.Option(help="api answers requests, worker runs the loops, all does both.")] = "all",
) -> None:
    """Run one service, or the gateway, with settings from the environment."""
    import uvloop

    from plumbline.parts import serve as run

    if part not in (*SERVICES, "gateway"):
        raise typer.BadParameter(f"choose gateway or one of {', '.join(SERVICES)}", param_hint="part")
    uvloop.run(run(part, role))


@app.command()
def migrate(
    service: Annotated[str, typer.Argument(help=f"One of {', '.join(SERVICES)}.")],
    database_url: Annotated[str, typer.Option(envvar="DATABASE_URL", help="Its database.")],
    wait: Annotated[float, typer.Option(help="Change nothing; wait so many seconds until another has done it.")] = 0,
) -> None:
    """Bring one service's database to the newest schema; safe to repeat."""
    from chassis import migrations
    from plumbline.services import load
    from plumbline.waiting import schema_within

    known = load(service)
    if wait:
        if not schema_within(wait, database_url, known):
            console.print(f"{service}: the database lacks a migration. Run plumbline migrate {service}.")
            raise typer.Exit(1)
    else:
        migrations.migrate(database_url, known.migrations, known.tables)
    console.print(f"{service}: the database has the newest schema.")


@app.command(name="service-key")
def service_key(
    folder: Annotated[Path, typer.Argument(help="Where to put private-jwk.json and public-jwks.json.")],
) -> None:
    """Make the pair of keys that calls from service to service are signed and checked with; replaces no key."""
    from chassis.clients import ISSUER
    from chassis.tokens import TokenIssuer

    issuer = TokenIssuer.generate(ISSUER, "plumbline")
    folder.mkdir(parents=True, exist_ok=True)
    for name, text, mode in (
        ("private-jwk.json", issuer.private_jwk(), 0o600),
        ("public-jwks.json", issuer.jwks(), 0o644),
    ):
        (folder / name).touch(mode=mode, exist_ok=False)
        (folder / name).write_text(text)
    console.print(f"{folder}: keep private-jwk.json secret, and let the services read it (user 10001 in the image).")


@app.command(name="import")
def import_workers(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="CSV of workers with a header row.")],
    url: UrlOption = "http://127.0.0.1:8000",
    token: Annotated[
        str, typer.Option(envvar="PLUMBLINE_TOKEN", help="An access token; a demonstration one if left out.")
    ] = "",
) -> None:
    """Import workers from a CSV file; bad lines are listed, good ones go in."""
    from plumbline.imports import import_file

    sys.exit(import_file(file, url, token, console))


@app.command()
def simulate(
    url: UrlOption = "http://127.0.0.1:8000",
    size: Annotated[str, typer.Option(help="small or full.")] = "full",
    seed: Annotated[int, typer.Option(help="The same seed makes the same authority.")] = 1,
) -> None:
    """Drive a believable authority through a running deployment's REST API."""
    from plumbline.simulate import simulate as run

    asyncio.run(run(url, size, seed, console))


@app.command()
def rebuild(
    service: Annotated[str, typer.Argument(help="The service whose projections are rebuilt from the log.")],
    home: HomeOption = Path(".plumbline"),
    check: Annotated[bool, typer.Option("--check", help="Compare only, and leave everything as it is.")] = False,
) -> None:
    """Fold the log afresh into a service's projections, and say whether they were the same."""
    from plumbline.operate import rebuild as run

    sys.exit(asyncio.run(run(service, home, check, console)))


@app.command()
def doctor(home: HomeOption = Path(".plumbline")) -> None:
    """Look at every part of a deployment and say in sentences what is wrong and what to do."""
    from plumbline.doctor import doctor as run

    sys.exit(asyncio.run(run(home, console)))


@app.command()
def restored(home: HomeOption = Path(".plumbline")) -> None:
    """After a restore, before anything starts: look whether a service remembers what its teller has forgotten."""
    from plumbline.doctor.restored import after_restore as run

    sys.exit(run(home, console))


@parked.command("list")
def parked_list(home: HomeOption = Path(".plumbline")) -> None:
    """List parked keys with the reason of the first record of each."""
    from plumbline.operate import list_parked

    asyncio.run(list_parked(home, console))


@parked.command("redrive")
def parked_redrive(
    service: Annotated[str, typer.Argument(help="The service that parked the key.")],
    key: Annotated[str, typer.Argument(help="The parked key.")],
    home: HomeOption = Path(".plumbline"),
) -> None:
    """Apply a parked key's records in their order."""
    from plumbline.operate import redrive

    sys.exit(asyncio.run(redrive(service, key, home, console)))


def main() -> None:
    """Run the command line."""
    os.environ.setdefault("PYTHONUNBUFFERED", "1")
    app()
