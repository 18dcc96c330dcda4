"""Access in an emergency, by commands that need no running deployment: a break-glass token, and tokens that stop counting."""

from __future__ import annotations

import hashlib
import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from joserfc.jwk import ECKey
from rich.console import Console

from chassis import breakglass
from chassis.revocations import parse

app = typer.Typer(
    help="A token signed by hand, for when the identity provider is away. Keep the key offline.", no_args_is_help=True
)
console = Console(highlight=False, soft_wrap=True)
err = Console(highlight=False, soft_wrap=True, stderr=True)

KeyArgument = Annotated[Path, typer.Argument(help="The file of the private key.", dir_okay=False)]


@app.command("key")
def make_key(key: KeyArgument) -> None:
    """Make the private key, and print the public set for BREAK_GLASS_JWKS."""
    if key.exists():
        raise typer.BadParameter(f"{key} exists; choose another file", param_hint="KEY")
    made = ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256"}, auto_kid=True)
    _write_secret(key, json.dumps(made.as_dict(private=True)))
    console.print(json.dumps({"keys": [made.as_dict(private=False)]}))
    err.print(f"The private key is in {key}: keep it offline, with the register that will be beside it.")


@app.command("token")
def make_token(
    key: KeyArgument,
    role: Annotated[list[str], typer.Option(help="A role to have; may be repeated.")],
    person: Annotated[str, typer.Option(help="Who will use the token; stays in the register.")],
    reason: Annotated[str, typer.Option(help="Why; stays in the register and in the token.")],
    minutes: Annotated[int, typer.Option(min=1, max=breakglass.MAX_LIFETIME_S // 60)] = 15,
    org_unit_id: Annotated[str | None, typer.Option(help="Only within this unit's authority.")] = None,
    audience: Annotated[str, typer.Option(envvar="OIDC_AUDIENCE")] = "plumbline",
) -> None:
    """Enter who and why into the register beside the key, then print a token. Its use is logged as critical and counted."""
    if not person.strip():
        raise typer.BadParameter("say who will use it", param_hint="--person")
    try:
        private = ECKey.import_key(json.loads(key.read_text()))
        token, claims = breakglass.issue(private, audience, role, reason, minutes * 60, org_unit_id)
    except (OSError, ValueError) as refused:
        raise typer.BadParameter(str(refused)) from refused
    entry = _register(register_of(key), claims, person.strip())
    err.print(f"Entered into {register_of(key)} as {claims['jti']}; valid until {entry['until']}.")
    typer.echo(token)


def register_of(key: Path) -> Path:
    """The register of a key's tokens: one line each, every line with the hash of the line before it."""
    return key.with_name(key.name + ".register")


def _register(register: Path, claims: dict[str, Any], person: str) -> dict[str, Any]:
    lines = register.read_text().splitlines() if register.exists() else []
    entry = {
        "token_id": claims["jti"],
        "issued_at": datetime.fromtimestamp(claims["iat"], UTC).isoformat(),
        "until": datetime.fromtimestamp(claims["exp"], UTC).isoformat(),
        "person": person,
        "roles": claims["roles"],
        "org_unit_id": claims.get("org_unit_id"),
        "reason": claims["reason"],
        "after": hashlib.sha256(lines[-1].encode()).hexdigest() if lines else None,
    }
    with register.open("a") as file:
        file.write(json.dumps(entry, ensure_ascii=False) + "\n")
        file.flush()
        os.fsync(file.fileno())
    return entry


def revoke(
    file: Annotated[Path, typer.Argument(help="The list that REVOCATIONS_FILE names; made when it is not there.")],
    jti: Annotated[str | None, typer.Option(help="One token.")] = None,
    sid: Annotated[str | None, typer.Option(help="One session at the identity provider.")] = None,
    sub: Annotated[str | None, typer.Option(help="One person or system, by the subject of their tokens.")] = None,
    azp: Annotated[str | None, typer.Option(help="One application, whoever uses it.")] = None,
    before: Annotated[
        str | None, typer.Option(help="Only what was issued before: `now`, or an instant with its offset.")
    ] = None,
) -> None:
    """Make tokens stop counting before they expire. Running processes heed the list within seconds."""
    given = {"jti": jti, "sid": sid, "sub": sub, "azp": azp}
    entry = {name: value for name, value in given.items() if value is not None}
    if before is not None:
        entry["before"] = datetime.now(UTC).isoformat() if before == "now" else before
    text = file.read_text() if file.exists() else '{"revoked": []}'
    try:
        parse(text)
        entries = [*json.loads(text)["revoked"], entry]
        new = json.dumps({"revoked": entries}, indent=2) + "\n"
        count = len(parse(new))
    except ValueError as refused:
        raise typer.BadParameter(str(refused)) from refused
    unfinished = file.with_name(file.name + ".new")
    unfinished.write_text(new)
    unfinished.replace(file)
    console.print(f"{file} has {count} {'entry' if count == 1 else 'entries'} now.")


def _write_secret(file: Path, text: str) -> None:
    file.touch(mode=0o600, exist_ok=False)
    file.write_text(text)
