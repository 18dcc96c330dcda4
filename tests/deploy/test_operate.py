"""The place to run commands in: as confined as all else, no pod unless asked for, and in reach of what commands look at."""

from __future__ import annotations

import re

import psycopg
import pytest

from plumbline.databases import variable
from plumbline.services import SERVICES
from tests.deploy import test_environment as environment
from tests.deploy import test_network as network
from tests.deploy import test_pods as pods
from tests.deploy.built import Object, Overlay, matches, named, own_overlay, pod
from tests.deploy.test_schemas import KUBERNETES, problems_of


@pytest.fixture(scope="module", params=["small", "large"])
def operated(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Overlay:
    """An overlay with the component, as the page on installing adds it."""
    return own_overlay(request.param, tmp_path_factory.mktemp("operated"), "operate")


@pytest.fixture
def place(operated: Overlay) -> Object:
    return operated.get("Deployment", "operate")


def test_nothing_of_it_runs_until_somebody_asks(place: Object) -> None:
    assert place["spec"]["replicas"] == 0
    assert pod(place)["spec"]["containers"][0]["command"] == ["sleep", "infinity"]


def test_it_is_valid_and_as_confined_as_all_else(operated: Overlay) -> None:
    for one in operated.of("Deployment", "NetworkPolicy"):
        assert not problems_of(one, KUBERNETES), named(one)
    pods.test_pods_are_confined(operated)
    pods.test_volumes_are_of_kinds_that_the_restricted_standard_allows(operated)
    pods.test_every_container_has_requests_and_limits(operated)
    pods.test_every_image_is_pinned(operated)
    environment.test_a_secret_is_always_a_reference(operated)


def test_it_has_the_database_of_every_service_with_a_password_by_reference(place: Object) -> None:
    (container,) = pod(place)["spec"]["containers"]
    known = {f"PASSWORD_{name.upper()}" for name in SERVICES}
    for name in SERVICES:
        names = [given["name"] for given in container["env"]]
        url = container["env"][names.index(variable(name))]["value"]
        (password,) = re.findall(r"\$\((\w+)\)", url)
        assert password in known
        assert names.index(password) < names.index(variable(name)), "Kubernetes puts in what stands before"
        secret = container["env"][names.index(password)]["valueFrom"]["secretKeyRef"]
        assert secret == {"name": f"plumbline-{name}-database", "key": "password"}
        read = psycopg.conninfo.conninfo_to_dict(url)
        assert read == {"user": f"plumbline_{name}", "password": f"$({password})", "dbname": f"plumbline_{name}"}


def test_every_variable_is_a_setting(operated: Overlay, place: Object) -> None:
    (container,) = pod(place)["spec"]["containers"]
    known = {name for part in ("gateway", *SERVICES) for name in environment.known(part)}
    known |= {variable(name) for name in SERVICES} | {f"PASSWORD_{name.upper()}" for name in SERVICES}
    assert operated.variables(container).keys() <= known


def test_it_reaches_what_commands_look_at_and_nobody_reaches_it(operated: Overlay, place: Object) -> None:
    dns, keys, services, database, brokers, mail = {53}, {443, 8443}, {8000}, {5432}, {9093}, {465, 587}
    assert network.outward(operated, place) == dns | keys | services | database | brokers | mail
    asked = {named(one) for one in operated.workloads() if network.allowed(operated, place, one)}
    assert asked == {f"Deployment {name}" for name in SERVICES}
    assert not [named(one) for one in operated.workloads() if network.allowed(operated, one, place)]


def test_databases_and_brokers_of_the_cluster_let_it_in(operated: Overlay, place: Object) -> None:
    about = pod(place)["metadata"]["labels"]
    for policy in operated.of("NetworkPolicy"):
        if policy["metadata"]["name"] == "postgres-instances":
            assert matches(policy["spec"]["ingress"][0]["from"][0]["podSelector"], about)
    for kafka in operated.of("Kafka"):
        peers = kafka["spec"]["kafka"]["listeners"][0]["networkPolicyPeers"]
        assert any(matches(peer["podSelector"], about) for peer in peers if "podSelector" in peer)
