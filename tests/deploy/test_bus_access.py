"""The rights that a service has on the brokers are enough for all it does there, on a real broker that enforces them."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from aiokafka.errors import GroupAuthorizationFailedError, TopicAuthorizationFailedError

from chassis.bus import PublishFailed
from chassis.bus.kafka import KafkaBus
from chassis.bus.tests.contract import message, read
from contracts import topic_of
from plumbline.manifests import bus_access
from plumbline.services import SERVICES, load
from tests.support.kafka.broker import HOST, KafkaBroker, free_port
from tests.support.kafka.jars import classpath

WITHIN_S = 30.0
SERVICE = "registration"
"""Listens to two others and publishes; the rights of all are made by one function."""


@pytest.fixture(scope="module")
def guarded(kafka: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A broker that knows each service by a password and lets it do what its manifest says."""
    folder = tmp_path_factory.mktemp("broker-with-rights")
    broker, port = KafkaBroker(home=folder), free_port()
    users = " ".join(f'user_plumbline-{name}="{name}"' for name in SERVICES)
    broker.properties = {
        "listeners": f"PLAINTEXT://{broker.bootstrap},SASL_PLAINTEXT://{HOST}:{port},CONTROLLER://{HOST}:{broker.controller_port}",
        "advertised.listeners": f"PLAINTEXT://{broker.bootstrap},SASL_PLAINTEXT://{HOST}:{port}",
        "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SASL_PLAINTEXT:SASL_PLAINTEXT",
        "sasl.enabled.mechanisms": "PLAIN",
        "listener.name.sasl_plaintext.plain.sasl.jaas.config": (
            f"org.apache.kafka.common.security.plain.PlainLoginModule required {users};"
        ),
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users": "User:ANONYMOUS",
    }
    broker.start()
    _grant(broker.bootstrap, folder)
    yield f"{HOST}:{port}"
    broker.stop()


def _grant(bootstrap: str, folder: Path) -> None:
    """Give the rights by Kafka's own command, one call of it for all: a Java start costs a second."""
    source = folder / "Grant.java"
    calls = "\n".join(
        f'add(acls, ResourceType.{access.kind.upper()}, "{access.name}", AclOperation.{operation.upper()});'
        for access in bus_access(load(SERVICE))
        for operation in access.operations
    )
    source.write_text(_JAVA.replace("CALLS", calls).replace("USER", f"plumbline-{SERVICE}"))
    done = subprocess.run(
        ["java", "-cp", classpath(), str(source), bootstrap], check=False, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr[-800:]


_JAVA = """
import java.util.*;
import org.apache.kafka.clients.admin.*;
import org.apache.kafka.common.acl.*;
import org.apache.kafka.common.resource.*;
public class Grant {
    static void add(List<AclBinding> acls, ResourceType type, String name, AclOperation operation) {
        acls.add(new AclBinding(new ResourcePattern(type, name, PatternType.LITERAL),
            new AccessControlEntry("User:USER", "*", operation, AclPermissionType.ALLOW)));
    }
    public static void main(String[] given) throws Exception {
        List<AclBinding> acls = new ArrayList<>();
        CALLS
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", given[0]))) { admin.createAcls(acls).all().get(); }
    }
}
"""


@pytest.fixture
async def bus(guarded: str) -> AsyncIterator[KafkaBus]:
    opened = KafkaBus(
        guarded,
        security_protocol="SASL_PLAINTEXT",
        username=f"plumbline-{SERVICE}",
        password=SERVICE,
        publish_deadline_s=5.0,
    )
    yield opened
    await opened.close()


async def test_they_are_enough_to_start_publish_read_and_commit(bus: KafkaBus) -> None:
    service = load(SERVICE)
    heard = [topic_of(name) for name in service.listens_to]
    own = topic_of(SERVICE)
    async with asyncio.timeout(WITHIN_S):
        await bus.ensure_topics([own, *heard, *(f"{topic}.dead.{SERVICE}" for topic in heard)])
        await bus.publish([message(own, "k", n) for n in range(3)])
        assert sum((await bus.end_offsets(own)).values()) == 3
        subscription = await bus.subscribe(SERVICE, heard, "m")
        await subscription.fetch(10, 0.2)
        await subscription.commit({(heard[0], 0): 0})
        assert await subscription.lag() == 0
        await subscription.close()


async def test_another_services_topic_cannot_be_written(bus: KafkaBus) -> None:
    other = topic_of(load(SERVICE).listens_to[0])
    async with asyncio.timeout(WITHIN_S):
        await bus.ensure_topics([other])
        with pytest.raises(PublishFailed):
            await bus.publish([message(other, "k", 1)])


async def test_a_topic_that_is_not_listened_to_cannot_even_be_made(bus: KafkaBus) -> None:
    stranger = next(name for name in SERVICES if name != SERVICE and name not in load(SERVICE).listens_to)
    async with asyncio.timeout(WITHIN_S):
        with pytest.raises(TopicAuthorizationFailedError):
            await bus.ensure_topics([topic_of(stranger)])


async def test_another_services_place_cannot_be_taken(bus: KafkaBus) -> None:
    service = load(SERVICE)
    async with asyncio.timeout(WITHIN_S):
        await bus.ensure_topics([topic_of(service.listens_to[0])])
        with pytest.raises(GroupAuthorizationFailedError):
            subscription = await bus.subscribe("allocation", [topic_of(service.listens_to[0])], "m")
            await read(subscription, 1)
