"""What the services lean on beside broker and database: the address of the keys, and the names of hosts."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
from contextlib import AsyncExitStack
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from chassis.tokens import TokenIssuer
from plumbline.home import AUDIENCE, ISSUER
from plumbline.services import SERVICES
from tests.faults.cases.case import Case
from tests.faults.journal import Client
from tests.faults.proxy import Proxy
from tests.faults.world import World, after_writes
from tests.support.kafka.broker import HOST, free_port

UNKNOWN_FOR_S = 15.0
"""Longer than anything remembers where a name leads."""
DATABASES, BROKER, THERE = "databases.plumbline.test", "broker.plumbline.test", "services.plumbline.test"
OVER_HOSTS = ("unshare", "--mount", "--propagation", "private", "sh", "-c", 'mount --bind "$0" /etc/hosts && exec "$@"')
TAKEN, REFUSED, NO_KEYS = 200, 401, 503


class KeyAddress:
    """Where an identity provider publishes its keys; it may be away."""

    def __init__(self, *issuers: TokenIssuer) -> None:
        self._port = free_port()
        self.publish(*issuers)

    @property
    def settings(self) -> dict[str, str]:
        """What makes a part fetch its keys here, and soon again."""
        return {"OIDC_JWKS": "", "OIDC_JWKS_URL": f"http://{HOST}:{self._port}/keys", "JWKS_REFETCH_S": "1"}

    def publish(self, *issuers: TokenIssuer) -> None:
        """Name the keys that count from now on."""
        self._document = json.dumps({"keys": [key for one in issuers for key in json.loads(one.jwks())["keys"]]})

    async def come(self) -> None:
        """Answer from now on."""
        self._server = await asyncio.start_server(self._answer, HOST, self._port)

    async def go(self) -> None:
        """Answer no more."""
        self._server.close()
        await self._server.wait_closed()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(self._document)}\r\n"
        writer.write(f"{head}Connection: close\r\n\r\n{self._document}".encode())
        await writer.drain()
        writer.close()


async def rotate_the_keys_while_their_address_is_away(world: World, client: Client) -> None:
    """Who has a token works on; one of the new key is refused, which is no failure, until the keys can be had."""
    old, new = TokenIssuer.load(world.cluster.key_file, ISSUER, AUDIENCE), TokenIssuer.generate(ISSUER, AUDIENCE)
    address = KeyAddress(old)
    await address.come()
    async with world.with_settings(address.settings, *SERVICES, "gateway"):
        await world.cluster.ready()
        await after_writes(client, 10)
        await address.go()
        address.publish(old, new)
        for name in ("workforce", "gateway"):
            await _answers(world, name, old, TAKEN)
            await _answers(world, name, new, REFUSED)
        await after_writes(client, 18)
        await world.cluster.parts["workforce"].kill()
        await _answers(world, "workforce", old, NO_KEYS)
        await address.come()
        for name in ("workforce", "gateway"):
            await _answers(world, name, old, TAKEN)
            await _answers(world, name, new, TAKEN)
    await address.go()


async def _answers(world: World, name: str, issuer: TokenIssuer, status: int) -> None:
    """Wait until a part answers so to a token of this issuer; what it says meanwhile is that it is not ready yet."""
    url = f"{world.cluster.address(name)}/v1/workforce/org-units?limit=1"
    who = {"Authorization": f"Bearer {issuer.issue(['workforce_admin'])}"}
    seen: list[int] = []

    def answered() -> bool:
        try:
            seen.append(httpx.get(url, headers=who, timeout=10).status_code)
        except httpx.TransportError:
            return False
        assert seen[-1] in (status, REFUSED, NO_KEYS, 502), f"{name} answered {seen[-1]}"
        return seen[-1] == status

    await world.wait_for(answered, f"{name} answers {status}, not {seen[-3:]}")


async def lose_every_name(world: World, client: Client) -> None:
    """Names of hosts lead nowhere for a while, and every connection breaks meanwhile."""
    hosts = world.cluster.folder / "hosts"
    write_hosts(hosts, DATABASES, BROKER, THERE)
    async with AsyncExitStack() as stack:
        proxy = await stack.enter_async_context(Proxy(free_port(), world.cluster.postgres_socket))
        for name in (*SERVICES, "gateway"):
            settings = _by_name(world, name, proxy)
            await stack.enter_async_context(world.with_settings(settings, name, through=(*OVER_HOSTS, str(hosts))))
        await world.cluster.ready()
        await after_writes(client, 12)
        write_hosts(hosts)
        for _ in range(3):
            proxy.cut()
            world.network.cut()
            await asyncio.sleep(UNKNOWN_FOR_S / 3)
        write_hosts(hosts, DATABASES, BROKER, THERE)
        await after_writes(client, 24)


def write_hosts(file: Path, *names: str) -> None:
    """The hosts that this machine knows, and these names; in place, since processes have the file over their own."""
    file.write_text(f"{Path('/etc/hosts').read_text()}\n{HOST} {' '.join(names)}\n")


def _by_name(world: World, name: str, databases: Proxy) -> dict[str, str]:
    """Settings of a part that name hosts where they had addresses."""
    ports = {one: urlsplit(world.cluster.address(one)).port for one in SERVICES}
    settings = {
        "KAFKA_BOOTSTRAP_SERVERS": f"{BROKER}:{world.network.port}",
        "UPSTREAMS": json.dumps({one: f"http://{THERE}:{port}" for one, port in ports.items()}),
    }
    if name != "gateway":
        settings["DATABASE_URL"] = world.database_over(name, DATABASES, databases)
    return settings


def no_names() -> str:
    """Why no process can be given names of its own here."""
    return "" if os.geteuid() == 0 and shutil.which("unshare") else "surroundings of their own need root"


CASES = (
    Case(
        "the address of the keys is away while the keys are rotated",
        "identity",
        rotate_the_keys_while_their_address_is_away,
    ),
    Case("the names of all hosts lead nowhere for 15 seconds", "network", lose_every_name, missing=no_names),
)
