"""docker-compose.yml: what compose takes, every service with all it needs, in the order in which it can start."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from chassis.settings import Settings
from plumbline.services import SERVICES
from tests.deploy.settings import own_settings
from tests.deploy.test_environment import known

TREE = Path(__file__).parents[2]
FILE = TREE / "docker-compose.yml"
ONES_OWN = ("gateway", *SERVICES)


@pytest.fixture(scope="module")
def composed() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load(FILE.read_text())
    return read


def test_compose_takes_it() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(FILE)],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout


def test_every_service_runs_on_its_own_database_once_that_is_migrated(composed: Mapping[str, Any]) -> None:
    databases = set(re.findall(r"create database (\w+);", (TREE / "deploy/compose/databases.sql").read_text()))
    for name in SERVICES:
        service, migration = composed["services"][name], composed["services"][f"migrate-{name}"]
        assert service["command"] == ["serve", name]
        assert migration["command"] == ["migrate", name]
        url = service["environment"]["DATABASE_URL"]
        assert url == migration["environment"]["DATABASE_URL"]
        assert url.rpartition("/")[2] in databases
        assert service["depends_on"][f"migrate-{name}"] == {"condition": "service_completed_successfully"}
        assert service["depends_on"]["kafka"] == {"condition": "service_healthy"}
        assert migration["depends_on"]["postgres"] == {"condition": "service_healthy"}


def test_the_gateway_leads_to_every_service(composed: Mapping[str, Any]) -> None:
    gateway = composed["services"]["gateway"]
    assert json.loads(gateway["environment"]["UPSTREAMS"]) == {name: f"http://{name}:8000" for name in SERVICES}
    assert gateway["depends_on"] == {name: {"condition": "service_healthy"} for name in SERVICES}


def test_every_variable_is_a_setting(composed: Mapping[str, Any]) -> None:
    by_anyone = {name for part in ONES_OWN for name in known(part)}
    for name in ONES_OWN:
        given = composed["services"][name]["environment"].keys()
        assert given <= by_anyone, (name, given - by_anyone)
        own = {field.upper() for one in (own_settings(name) if name != "gateway" else ()) for field in one.model_fields}
        assert own - {"ATTACHMENT_MAX_BYTES"} <= given, (name, own - given)


def test_the_database_takes_every_connection_of_all(composed: Mapping[str, Any]) -> None:
    (given,) = [word for word in composed["services"]["postgres"]["command"] if word.startswith("max_connections=")]
    pool: int = Settings.model_fields["pool_size"].default
    keycloak = int(composed["services"]["keycloak"]["environment"]["KC_DB_POOL_MAX_SIZE"])
    assert int(given.partition("=")[2]) >= len(SERVICES) * pool + keycloak + 20


def test_whoever_operates_it_has_every_database_and_what_the_services_have(composed: Mapping[str, Any]) -> None:
    given = composed["services"]["operate"]["environment"]
    for name in SERVICES:
        own = composed["services"][name]["environment"]
        assert given[f"DATABASE_URL_{name.upper()}"] == own["DATABASE_URL"]
    assert composed["services"]["gateway"]["environment"].items() <= given.items() | {
        ("METRICS_NETWORKS", composed["services"]["gateway"]["environment"]["METRICS_NETWORKS"])
    }


def test_containers_are_confined_and_have_time_to_stop(composed: Mapping[str, Any]) -> None:
    for name in (*ONES_OWN, "operate", "collector", "tempo", "prometheus", "grafana"):
        one = composed["services"][name]
        assert one["read_only"] is True, name
        assert one["cap_drop"] == ["ALL"], name
        assert one["security_opt"] == ["no-new-privileges:true"], name
    for name in ONES_OWN:
        assert int(composed["services"][name]["stop_grace_period"].removesuffix("s")) >= 60


def test_whoever_is_waited_for_says_when_it_is_well(composed: Mapping[str, Any]) -> None:
    for name, one in composed["services"].items():
        for awaited, how in one.get("depends_on", {}).items():
            if how["condition"] == "service_healthy":
                assert "test" in composed["services"][awaited]["healthcheck"], (name, awaited)


def test_every_image_can_be_given_by_digest(composed: Mapping[str, Any]) -> None:
    for name, one in composed["services"].items():
        assert re.fullmatch(r"\$\{[A-Z]+_IMAGE:-[\w./-]+:[\w.-]+\}", one["image"]), name


def test_kafka_has_a_listener_for_each_of_who_comes(composed: Mapping[str, Any]) -> None:
    kafka = composed["services"]["kafka"]["environment"]
    bound = dict(one.split("://", 1) for one in kafka["KAFKA_LISTENERS"].split(","))
    told = dict(one.split("://", 1) for one in kafka["KAFKA_ADVERTISED_LISTENERS"].split(","))
    assert bound.keys() == {"INTERNAL", "CONTROLLER", "HOST"}
    assert told.keys() == {"INTERNAL", "HOST"}, "nobody but the broker itself comes to the controller"
    assert told["INTERNAL"] == composed["services"]["workforce"]["environment"]["KAFKA_BOOTSTRAP_SERVERS"]
    assert told["HOST"].startswith("127.0.0.1:")
    assert kafka["KAFKA_AUTO_CREATE_TOPICS_ENABLE"] == "false"


def test_only_the_front_doors_are_open_and_only_to_this_machine_but_the_gateway(composed: Mapping[str, Any]) -> None:
    for name, one in composed["services"].items():
        for port in one.get("ports", []):
            assert name == "gateway" or str(port).startswith("127.0.0.1:"), name


def test_no_secret_has_a_value(composed: Mapping[str, Any]) -> None:
    for name, one in composed["services"].items():
        for variable, value in one.get("environment", {}).items():
            if re.search(r"PASSWORD|SECRET", variable):
                assert re.fullmatch(r"\$\{\w+(:[?-][\w ]*)?\}", str(value)), (name, variable)


def test_files_that_are_mounted_are_there(composed: Mapping[str, Any]) -> None:
    for name, one in composed["services"].items():
        for volume in one.get("volumes", []):
            source = volume.split(":", 1)[0]
            assert not source.startswith(".") or (TREE / source).exists(), (name, source)
            assert source.startswith(".") or source in composed["volumes"], (name, source)
