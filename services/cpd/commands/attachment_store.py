"""The folder that holds attachments, outside the database: each under a random name, none without a row for long.

A file is written before its row commits, so that a row never lacks its file; a file whose row did not commit, or was erased, is
removed by the next look at the folder.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Collection
from pathlib import Path

from fastapi import FastAPI
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from chassis.problems import NotFound, TooLarge, Unavailable

SETTLED_AFTER_S = 3600.0
"""A file younger than this may belong to a transaction that has not committed yet."""
_CLOCK = ".clock"


class AttachmentSettings(BaseSettings):
    """Where attachments are kept, and how large one may be."""

    model_config = SettingsConfigDict(extra="ignore")

    attachments_folder: str = ""
    attachment_max_bytes: int = Field(default=5 * 1024 * 1024, ge=1)


class AttachmentStore:
    """Files by random names in one folder."""

    def __init__(self) -> None:
        self._folder: Path | None = None
        self.max_bytes = 0

    async def open(self, _app: FastAPI) -> None:
        """Take the folder from the environment; without one, no attachment can be added."""
        settings = AttachmentSettings()
        self._folder = Path(settings.attachments_folder) if settings.attachments_folder else None
        self.max_bytes = settings.attachment_max_bytes

    @property
    def folder(self) -> Path:
        """The folder; Unavailable when none is configured."""
        if self._folder is None:
            raise Unavailable("attachments-not-configured", "Set ATTACHMENTS_FOLDER to keep attachments.")
        return self._folder

    def check_size(self, size: int) -> None:
        """TooLarge when a file of so many bytes is not kept."""
        if size > self.max_bytes:
            raise TooLarge("attachment-too-large", f"A file has at most {self.max_bytes} bytes. Send a smaller one.")

    async def save(self, content: bytes) -> str:
        """Keep a file; its name."""
        name = secrets.token_hex(32)
        await asyncio.to_thread(self._write, self.folder, name, content)
        return name

    @staticmethod
    def _write(folder: Path, name: str, content: bytes) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = folder / name
        file.touch(mode=0o600)
        file.write_bytes(content)

    async def load(self, name: str) -> bytes:
        """The content of a file."""
        try:
            return await asyncio.to_thread((self.folder / name).read_bytes)
        except FileNotFoundError:
            raise NotFound("no-such-file", "The file is not in the folder of attachments any more.") from None

    async def list_settled(self) -> list[str]:
        """The names of files that are old enough for their rows to have committed."""
        return await asyncio.to_thread(self._settled, self._folder) if self._folder else []

    @staticmethod
    def _settled(folder: Path) -> list[str]:
        if not folder.is_dir():
            return []
        clock = folder / _CLOCK
        clock.touch()
        before = clock.stat().st_mtime - SETTLED_AFTER_S
        return [file.name for file in folder.iterdir() if file.name != _CLOCK and file.stat().st_mtime < before]

    async def remove(self, names: Collection[str]) -> None:
        """Remove files."""
        for name in names:
            await asyncio.to_thread((self.folder / name).unlink, missing_ok=True)


store = AttachmentStore()
"""The store of this process."""
