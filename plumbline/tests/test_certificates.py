"""Serving HTTPS: with the certificate of the settings, and with its successor once the files were replaced."""

from __future__ import annotations

import asyncio
import ssl
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from plumbline import certificates, serving
from plumbline.certificates import Certificate
from tests.support.certificates import Authority

DEADLINE_S = 10.0


async def _hello(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})
        return
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": scope["scheme"].encode()})


async def _serial(port: int, trusted: ssl.SSLContext) -> int:
    _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=trusted)
    seen = writer.get_extra_info("ssl_object").getpeercert()["serialNumber"]
    writer.close()
    await writer.wait_closed()
    return int(seen, 16)


async def test_a_replaced_certificate_is_served_to_new_connections(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Certificate.keep_fresh, "__defaults__", (0.02,))
    authority = Authority(tmp_path)
    first = authority.sign("first")
    listener = serving.listen("127.0.0.1", 0)
    port = listener.getsockname()[1]
    pair = Certificate(str(tmp_path / "tls.crt"), str(tmp_path / "tls.key"))
    running = await serving.start(_hello, listener, certificate=pair)
    trusted = ssl.create_default_context(cafile=str(authority.file))
    async with httpx.AsyncClient(verify=trusted) as client:
        assert (await client.get(f"https://127.0.0.1:{port}/")).text == "https"
        assert await _serial(port, trusted) == first.serial_number
        second = authority.sign("second")
        end = time.monotonic() + DEADLINE_S
        while await _serial(port, trusted) != second.serial_number:
            assert time.monotonic() < end
            await asyncio.sleep(0.02)
    await serving.stop([running])


def test_a_certificate_without_its_key_is_refused() -> None:
    class Half:
        tls_certificate_file = "tls.crt"
        tls_key_file = ""

    with pytest.raises(ValueError, match="or neither"):
        Certificate.of(Half())


def test_without_files_there_is_plain_http() -> None:
    class Neither:
        tls_certificate_file = ""
        tls_key_file = ""

    assert Certificate.of(Neither()) == certificates.PLAIN
