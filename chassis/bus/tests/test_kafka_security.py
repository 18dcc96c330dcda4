"""The Kafka adapter with TLS and a password, against a broker that asks for both."""

from __future__ import annotations

import asyncio
import ipaddress
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from chassis.bus.kafka import KafkaBus
from chassis.bus.tests.contract import message, read
from tests.support.kafka.broker import HOST, KafkaBroker, free_port


@dataclass(frozen=True)
class Guarded:
    """Where the guarded listener is, and the certificate to trust."""

    servers: str
    ca_file: str


def _certificate(folder: Path) -> tuple[Path, str, str]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(HOST))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM).decode()
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    file = folder / "ca.pem"
    file.write_text(pem)
    return file, pem, secret


def _one_line(pem: str) -> str:
    return pem.strip().replace("\n", "\\n")


@pytest.fixture(scope="module")
def guarded(kafka: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    if not (shutil.which("java") and shutil.which("mvn")):
        pytest.skip(f"the broker at {kafka} cannot be given another listener")
    folder = tmp_path_factory.mktemp("guarded-kafka")
    ca_file, certificate, key = _certificate(folder)
    broker, port = KafkaBroker(home=folder), free_port()
    login = 'org.apache.kafka.common.security.plain.PlainLoginModule required user_plumbline="right";'
    broker.properties = {
        "listeners": f"PLAINTEXT://{broker.bootstrap},SASL_SSL://{HOST}:{port},CONTROLLER://{HOST}:{broker.controller_port}",
        "advertised.listeners": f"PLAINTEXT://{broker.bootstrap},SASL_SSL://{HOST}:{port}",
        "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SASL_SSL:SASL_SSL",
        "sasl.enabled.mechanisms": "PLAIN",
        "listener.name.sasl_ssl.plain.sasl.jaas.config": login,
        "ssl.keystore.type": "PEM",
        "ssl.keystore.certificate.chain": _one_line(certificate),
        "ssl.keystore.key": _one_line(key),
    }
    broker.start()
    yield Guarded(f"{HOST}:{port}", str(ca_file))
    broker.stop()


def _bus(guarded: Guarded, password: str) -> KafkaBus:
    return KafkaBus(
        guarded.servers,
        security_protocol="SASL_SSL",
        username="plumbline",
        password=password,
        ca_file=guarded.ca_file,
        publish_deadline_s=5.0,
    )


async def test_records_travel_over_tls_with_a_password(guarded: Guarded) -> None:
    bus = _bus(guarded, "right")
    await bus.ensure_topics(["plumbline.guarded"])
    await bus.publish([message("plumbline.guarded", "k", n) for n in range(3)])
    subscription = await bus.subscribe("g", ["plumbline.guarded"], "m")
    assert [int(record.value) for record in await read(subscription, 3)] == [0, 1, 2]
    await subscription.close()
    await bus.close()


async def test_a_wrong_password_gets_nowhere(guarded: Guarded) -> None:
    bus = _bus(guarded, "wrong")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(bus.ensure_topics(["plumbline.guarded"]), 3.0)
    await bus.close()
