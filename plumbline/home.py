"""The state folder of an all-in-one: its PostgreSQL, its databases, its keys and secrets."""

from __future__ import annotations

import secrets
from pathlib import Path

from chassis import migrations
from chassis.postgres import EmbeddedPostgres, create_database
from chassis.tokens import TokenIssuer
from plumbline.services import SERVICES, load

ISSUER = "http://127.0.0.1/plumbline"
AUDIENCE = "plumbline"


class Home:
    """A folder such as ``./.plumbline``; everything that ``plumbline up`` keeps is in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.folder.mkdir(parents=True, exist_ok=True)
        self.key_file = self.folder / "key.json"

    def postgres(self) -> EmbeddedPostgres:
        """The embedded PostgreSQL of this home."""
        return EmbeddedPostgres(self.folder / "postgres")

    def new_key(self) -> TokenIssuer:
        """An issuer whose key is made now; older tokens stop being valid."""
        issuer = TokenIssuer.generate(ISSUER, AUDIENCE)
        self._write_secret(self.key_file, issuer.private_jwk())
        return issuer

    def case_key_secret(self) -> str:
        """The secret that turns case references into the keys on the stream; made once, kept for good."""
        file = self.folder / "case-key-secret"
        if not file.exists():
            self._write_secret(file, secrets.token_hex(32))
        return file.read_text()

    def _write_secret(self, file: Path, text: str) -> None:
        file.touch(mode=0o600)
        file.chmod(0o600)
        file.write_text(text)


def prepare_databases(server_url: str) -> dict[str, str]:
    """Create and migrate every service's database, and the embedded bus's; their URLs by name."""
    urls = {name: create_database(server_url, f"plumbline_{name}") for name in (*SERVICES, "bus")}
    for name in SERVICES:
        service = load(name)
        migrations.migrate(urls[name], service.migrations, service.tables)
    return urls
