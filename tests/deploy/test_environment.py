"""The environment of every container: names that are settings, values that parse, secrets by reference only."""

from __future__ import annotations

import inspect
import json
import pkgutil
import re
from importlib import import_module
from typing import Any

import pytest
from pydantic import AliasChoices, SecretStr
from pydantic_settings import BaseSettings

from chassis.settings import Settings
from gateway.settings import GatewaySettings
from plumbline.services import SERVICES
from tests.deploy.built import Overlay, containers, labels, named, pod
from tests.deploy.settings import own_settings

OF_LIBRARIES = {
    "PGHOST",
    "PGPORT",
    "PGUSER",
    "PGPASSWORD",
    "PGSSLMODE",
    "PGSSLROOTCERT",
    "SSL_CERT_FILE",
    "FORWARDED_ALLOW_IPS",
}
"""Read by PostgreSQL's client library, by OpenSSL and by uvicorn, not by a setting of ours."""
SECRET = re.compile(r"PASSWORD|SECRET|_URL$|TOKEN")
NO_SECRET = {"DATABASE_URL", "OIDC_JWKS_URL", "PUBLIC_URL", "SERVICE_TOKEN_KEY_FILE"}
"""Look like secrets by name and are places; the URL of a database has no password, since PGPASSWORD has it."""


def names(*classes: type[BaseSettings]) -> set[str]:
    """The environment variables that settings read."""
    found = set()
    for one in classes:
        for name, field in one.model_fields.items():
            alias: Any = field.validation_alias
            found |= set(map(str, alias.choices)) if isinstance(alias, AliasChoices) else {name.upper()}
    return found


def known(part: str) -> set[str]:
    """The environment variables that a part reads."""
    if part == "gateway":
        return names(GatewaySettings) | OF_LIBRARIES
    return names(Settings, *own_settings(part)) | OF_LIBRARIES


def test_every_variable_is_a_setting(built: Overlay) -> None:
    by_anyone = {name for part in ("gateway", *SERVICES) for name in known(part)}
    for one in built.workloads():
        part = labels(one)["app.kubernetes.io/name"]
        for container in containers(one):
            direct = {given["name"] for given in container.get("env", [])}
            assert direct <= known(part), (named(one), direct - known(part))
            everything = built.variables(container).keys()
            assert everything <= by_anyone, (named(one), everything - by_anyone)


def test_what_is_given_can_be_read(built: Overlay, monkeypatch: pytest.MonkeyPatch) -> None:
    for one in built.of("Deployment", "StatefulSet"):
        (container,) = pod(one)["spec"]["containers"]
        literal = built.variables(container).items() - built.references(container).items()
        with monkeypatch.context() as inside:
            for name, value in literal:
                inside.setenv(name, value)
            part = labels(one)["app.kubernetes.io/name"]
            read = GatewaySettings() if part == "gateway" else Settings()
        assert read.host == "0.0.0.0", named(one)
        assert read.oidc_jwks_url, f"{named(one)} could check no token"
        assert read.tls_key_file, named(one)
        if container["name"] == "worker":
            assert isinstance(read, Settings)
            assert read.kafka_security_protocol == "SASL_SSL", named(one)
            assert read.kafka_bootstrap_servers, named(one)


def test_the_gateway_and_its_callers_know_where_each_service_is(built: Overlay) -> None:
    (upstreams,) = [one for one in built.of("ConfigMap") if one["metadata"]["name"].startswith("plumbline-upstreams")]
    places = json.loads(upstreams["data"]["UPSTREAMS"])
    served = {
        one["metadata"]["name"]: f"https://{one['metadata']['name']}:{one['spec']['ports'][0]['port']}"
        for one in built.of("Service")
        if one["metadata"]["name"] in SERVICES
    }
    assert places == served
    assert set(places) == set(SERVICES)


def test_who_asks_other_services_has_a_key_to_sign_with(built: Overlay) -> None:
    for name in SERVICES:
        source = "".join(
            inspect.getsource(import_module(module.name))
            for module in pkgutil.walk_packages(import_module(f"services.{name}").__path__, f"services.{name}.")
            if ".tests" not in module.name and ".migrations" not in module.name
        )
        asks = bool(re.search(r"\bclients\b", source))
        for one in (built.get("Deployment", name), built.get("StatefulSet", f"{name}-worker")):
            given = built.variables(pod(one)["spec"]["containers"][0])
            assert ("SERVICE_TOKEN_KEY_FILE" in given) == ("UPSTREAMS" in given) == asks, named(one)


def test_a_service_is_given_the_secrets_that_it_declares(built: Overlay) -> None:
    for name in SERVICES:
        wanted = {
            field.upper()
            for one in own_settings(name)
            for field, about in one.model_fields.items()
            if about.annotation is SecretStr
        }
        given: set[str] = set()
        for one in (built.get("Deployment", name), built.get("StatefulSet", f"{name}-worker")):
            given |= built.variables(pod(one)["spec"]["containers"][0]).keys()
        assert wanted <= given, name


def test_a_secret_is_always_a_reference(built: Overlay) -> None:
    assert not built.of("Secret"), "a secret in the manifests is a secret in the repository"
    for one in built.workloads():
        for container in containers(one):
            for variable in container.get("env", []):
                if SECRET.search(variable["name"]) and variable["name"] not in NO_SECRET:
                    assert variable.keys() == {"name", "valueFrom"}, (named(one), variable["name"])
                    assert "secretKeyRef" in variable["valueFrom"], (named(one), variable["name"])
    for one in built.of("ConfigMap"):
        told = {name for name in one["data"] if SECRET.search(name) and name not in NO_SECRET}
        assert not told, named(one)


def test_nothing_looks_like_a_key_or_a_password(built: Overlay) -> None:
    text = json.dumps(built.objects)
    assert "PRIVATE KEY" not in text
    assert not re.search(r"://[^/\"\s:@]+:[^/\"\s@]+@", text), "an address with a password in it"


def test_a_changed_setting_is_rolled_out(built: Overlay) -> None:
    """Names of configuration carry a hash of it: with another value, pods are another version."""
    for one in built.workloads():
        for container in containers(one):
            for source in container.get("envFrom", []):
                assert re.search(r"-[a-z0-9]{10}$", source["configMapRef"]["name"]), named(one)
