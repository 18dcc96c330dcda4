"""The certificate a process serves with: read from files that are replaced while it runs."""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import structlog

LOOK_EVERY_S = 30.0
log = structlog.get_logger("plumbline")


class TlsSettings(Protocol):
    """The settings that name the files."""

    tls_certificate_file: str
    tls_key_file: str


@dataclass(frozen=True)
class Certificate:
    """A certificate chain and its key, as PEM files; no names mean plain HTTP."""

    file: str = ""
    key_file: str = ""

    @classmethod
    def of(cls, settings: TlsSettings) -> Certificate:
        """The certificate that the settings name; both files or none."""
        if bool(settings.tls_certificate_file) != bool(settings.tls_key_file):
            raise ValueError("set TLS_CERTIFICATE_FILE and TLS_KEY_FILE, or neither")
        return cls(settings.tls_certificate_file, settings.tls_key_file)

    async def keep_fresh(self, context: ssl.SSLContext | None, every_s: float = LOOK_EVERY_S) -> None:
        """Load the files again whenever they were replaced: new connections get the new certificate, old ones go on."""
        if context is None:
            return
        seen = self._stamp()
        while True:
            await asyncio.sleep(every_s)
            stamp = self._stamp()
            if stamp == seen:
                continue
            try:
                context.load_cert_chain(self.file, self.key_file)
            except (OSError, ssl.SSLError) as failure:
                log.warning("the new certificate cannot be loaded; serving with the old one", reason=repr(failure))
                continue
            seen = stamp
            log.info("serving with a new certificate", file=self.file)

    def _stamp(self) -> tuple[int, ...]:
        try:
            return tuple(Path(name).stat().st_mtime_ns for name in (self.file, self.key_file))
        except FileNotFoundError:
            return ()  # being replaced at this moment


PLAIN = Certificate()
