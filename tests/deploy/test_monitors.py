"""What the operator of Prometheus is asked for: every process is read, over TLS, under the job that the rules name."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from plumbline.services import SERVICES
from tests.deploy.answering import answers
from tests.deploy.built import FOLDER, Object, Overlay, containers, labels, matches, named, overlay, own_overlay, pod

RULES = FOLDER.parent / "observability" / "prometheus" / "rules.yaml"
PROMETHEUS = {"kubernetes.io/metadata.name": "monitoring"}


@pytest.fixture(params=["large", "airgapped"])
def watched(request: pytest.FixtureRequest) -> Overlay:
    """The overlays that ask the operator of Prometheus."""
    return overlay(request.param)


def _monitors(built: Overlay, workload: Object) -> list[Object]:
    return [one for one in built.of("PodMonitor") if matches(one["spec"]["selector"], labels(workload))]


def _endpoint(monitor: Object) -> Object:
    (endpoint,) = monitor["spec"]["podMetricsEndpoints"]
    found: Object = endpoint
    return found


def test_every_process_is_read_once_and_no_migration(watched: Overlay) -> None:
    for one in watched.workloads():
        assert len(_monitors(watched, one)) == (0 if one["kind"] == "Job" else 1), named(one)
    assert {one["metadata"]["name"] for one in watched.of("PodMonitor")} == {"gateway", *SERVICES}


async def test_what_is_asked_is_answered_on_a_port_of_that_name(watched: Overlay) -> None:
    for one in watched.of("Deployment", "StatefulSet"):
        (monitor,), (container,) = _monitors(watched, one), pod(one)["spec"]["containers"]
        endpoint = _endpoint(monitor)
        assert [port["name"] for port in container["ports"]] == [endpoint["port"]], named(one)
        assert await answers(labels(one)["app.kubernetes.io/name"], container["name"], endpoint["path"]), named(one)


def test_metrics_are_read_over_tls_with_the_certificate_that_the_pod_shows(watched: Overlay) -> None:
    made = {one["spec"]["secretName"]: one["spec"].get("dnsNames", []) for one in watched.of("Certificate")}
    for one in watched.of("Deployment", "StatefulSet"):
        (monitor,) = _monitors(watched, one)
        endpoint = _endpoint(monitor)
        authority = endpoint["tlsConfig"]["ca"]["secret"]
        (shown,) = [volume["secret"] for volume in pod(one)["spec"]["volumes"] if volume["name"] == "tls"]
        assert endpoint["scheme"] == "https", named(one)
        assert endpoint["tlsConfig"].keys() == {"serverName", "ca"}, f"{named(one)}: nothing is skipped"
        assert authority == {"name": shown["secretName"], "key": "ca.crt"}, named(one)
        assert endpoint["tlsConfig"]["serverName"] in made[shown["secretName"]], named(one)


def test_prometheus_is_let_in_to_what_it_reads(watched: Overlay) -> None:
    for one in watched.of("Deployment", "StatefulSet"):
        (number,) = [port["containerPort"] for each in containers(one) for port in each.get("ports", [])]
        ports = {
            port["port"]
            for policy in watched.of("NetworkPolicy")
            if matches(policy["spec"]["podSelector"], labels(one))
            for rule in policy["spec"].get("ingress", [])
            if any(end.get("namespaceSelector", {}).get("matchLabels") == PROMETHEUS for end in rule["from"])
            for port in rule["ports"]
        }
        assert ports == {number}, named(one)


def test_pods_are_read_under_the_job_that_the_rules_name(watched: Overlay) -> None:
    (job,) = set(re.findall(r'job="([^"]+)"', RULES.read_text()))
    for one in watched.of("Deployment", "StatefulSet"):
        (monitor,) = _monitors(watched, one)
        assert labels(one)[monitor["spec"]["jobLabel"]] == job, named(one)


def test_the_rules_of_a_cluster_are_those_of_the_file(watched: Overlay) -> None:
    (rules,) = watched.of("PrometheusRule")
    assert rules["spec"] == yaml.safe_load(RULES.read_text())


def test_what_is_small_asks_for_no_operator_and_can_be_watched_all_the_same(tmp_path: Path) -> None:
    small = overlay("small")
    assert not small.of("PodMonitor", "PrometheusRule")
    own = own_overlay("small", tmp_path, "prometheus-operator")
    assert all(_monitors(own, one) for one in own.of("Deployment", "StatefulSet"))
    assert {one["metadata"]["namespace"] for one in own.of("PodMonitor", "PrometheusRule")} == {"plumbline"}
