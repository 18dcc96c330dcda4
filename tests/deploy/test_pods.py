"""What every pod must be: confined, bounded, probed where something answers, and stopped no sooner than it can stop."""

from __future__ import annotations

from pathlib import Path

import pytest

from chassis.worker import STOP_WITHIN_S
from plumbline import serving
from plumbline.services import SERVICES
from tests.deploy.answering import answers
from tests.deploy.built import OVERLAYS, Object, Overlay, containers, labels, matches, named, own_overlay, pod


def test_every_service_has_its_api_its_workers_and_its_migration(built: Overlay) -> None:
    expected: set[tuple[str, str, tuple[str, ...]]] = {("Deployment", "gateway", ("serve", "gateway"))}
    for name in SERVICES:
        expected |= {
            ("Deployment", name, ("serve", name, "--role", "api")),
            ("StatefulSet", f"{name}-worker", ("serve", name, "--role", "worker")),
            ("Job", f"{name}-migrate", ("migrate", name)),
        }
    found = {
        (one["kind"], one["metadata"]["name"], tuple(pod(one)["spec"]["containers"][0]["args"]))
        for one in built.workloads()
    }
    assert found == expected


def test_pods_are_confined(built: Overlay) -> None:
    for one in built.workloads():
        spec = pod(one)["spec"]
        assert spec["automountServiceAccountToken"] is False, named(one)
        assert spec["enableServiceLinks"] is False, named(one)
        whole = spec["securityContext"]
        assert whole["runAsNonRoot"] is True, named(one)
        assert whole["runAsUser"] == whole["runAsGroup"] == 10001, named(one)
        assert whole["seccompProfile"] == {"type": "RuntimeDefault"}, named(one)
        assert not {"hostNetwork", "hostPID", "hostIPC"} & spec.keys(), named(one)
        for container in containers(one):
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }, named(one)


def test_volumes_are_of_kinds_that_the_restricted_standard_allows(built: Overlay) -> None:
    for one in built.workloads():
        for volume in pod(one)["spec"].get("volumes", []):
            assert volume.keys() & {"emptyDir", "secret", "configMap", "persistentVolumeClaim"}, (named(one), volume)
            assert "emptyDir" not in volume or volume["emptyDir"]["sizeLimit"], (named(one), volume)


def test_the_namespace_refuses_pods_that_are_not(built: Overlay) -> None:
    (namespace,) = built.of("Namespace")
    assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"


def test_every_container_has_requests_and_limits(built: Overlay) -> None:
    for one in built.workloads():
        for container in containers(one):
            for bound in ("requests", "limits"):
                assert container["resources"][bound].keys() == {"cpu", "memory"}, named(one)


def test_every_image_is_pinned(built: Overlay) -> None:
    for one in built.workloads():
        for container in containers(one):
            repository, _, version = container["image"].partition("@")[0].rpartition(":")
            assert "/" in repository, named(one)
            assert version not in ("", "latest"), named(one)


@pytest.mark.parametrize("name", OVERLAYS)
def test_an_overlay_may_name_the_image_by_its_digest(name: str, tmp_path: Path) -> None:
    digest = f"sha256:{'0123456789abcdef' * 4}"
    own = own_overlay(name, tmp_path, images=[{"name": "plumbline", "newName": "example.org/own", "digest": digest}])
    given = {container["image"] for one in own.workloads() for container in containers(one)}
    assert given == {f"example.org/own@{digest}"}


@pytest.mark.parametrize("part", ["gateway", *SERVICES])
async def test_probes_hit_routes_that_are_served(built: Overlay, part: str) -> None:
    for one in built.of("Deployment", "StatefulSet"):
        if labels(one)["app.kubernetes.io/name"] != part:
            continue
        (container,) = pod(one)["spec"]["containers"]
        ports = {port["name"] for port in container["ports"]}
        for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
            asked = container[probe]["httpGet"]
            assert await answers(part, container["name"], asked["path"]), (named(one), probe)
            assert asked["port"] in ports, (named(one), probe)
            assert asked["scheme"] == "HTTPS", (named(one), probe)
            assert container[probe]["timeoutSeconds"] > 1, (named(one), probe)


def test_one_service_that_is_away_does_not_take_the_gateway_away(built: Overlay) -> None:
    (container,) = pod(built.get("Deployment", "gateway"))["spec"]["containers"]
    asked = {container[probe]["httpGet"]["path"] for probe in ("startupProbe", "livenessProbe", "readinessProbe")}
    assert asked == {"/health/live"}


def test_a_pod_is_given_longer_than_it_needs_to_stop(built: Overlay) -> None:
    for one in built.of("Deployment", "StatefulSet"):
        spec = pod(one)["spec"]
        (container,) = spec["containers"]
        paused = container.get("lifecycle", {}).get("preStop", {}).get("sleep", {}).get("seconds", 0)
        needed = paused + serving.GRACE_S + (STOP_WITHIN_S if container["name"] == "worker" else 0)
        assert spec["terminationGracePeriodSeconds"] >= needed + 10, named(one)
        assert paused or container["name"] == "worker", f"{named(one)} is asked until nobody knows its address any more"


def test_an_upgrade_never_lowers_capacity(built: Overlay) -> None:
    for one in built.of("Deployment"):
        assert one["spec"]["strategy"]["rollingUpdate"] == {"maxUnavailable": 0, "maxSurge": 1}, named(one)


def test_nothing_starts_before_its_schema_is_there(built: Overlay) -> None:
    for one in built.of("Deployment", "StatefulSet"):
        name = labels(one)["app.kubernetes.io/name"]
        waiting = [first["args"] for first in pod(one)["spec"].get("initContainers", [])]
        assert waiting == ([] if name == "gateway" else [["migrate", name, "--wait", "600"]]), named(one)


def _all_selected_by(selector: Object, built: Overlay) -> list[Object]:
    return [one for one in built.workloads() if matches(selector, labels(one))]


def test_selectors_select_exactly_their_own_pods(built: Overlay) -> None:
    for one in built.of("Deployment", "StatefulSet"):
        assert [named(found) for found in _all_selected_by(one["spec"]["selector"], built)] == [named(one)]
        for spread in pod(one)["spec"]["topologySpreadConstraints"]:
            assert _all_selected_by(spread["labelSelector"], built) == [one], named(one)
    for service in built.of("Service"):
        (target,) = _all_selected_by({"matchLabels": service["spec"]["selector"]}, built)
        ports = {port["name"] for port in pod(target)["spec"]["containers"][0]["ports"]}
        assert {port["targetPort"] for port in service["spec"]["ports"]} <= ports, named(service)


def test_what_may_be_disrupted_is_bounded_for_everything_that_runs(built: Overlay) -> None:
    bounded = [
        named(one)
        for budget in built.of("PodDisruptionBudget")
        for one in _all_selected_by(budget["spec"]["selector"], built)
    ]
    assert sorted(bounded) == sorted(named(one) for one in built.of("Deployment", "StatefulSet"))


def test_everything_is_spread_over_zones_and_nodes(built: Overlay) -> None:
    for one in built.of("Deployment", "StatefulSet"):
        over = {spread["topologyKey"] for spread in pod(one)["spec"]["topologySpreadConstraints"]}
        assert over == {"topology.kubernetes.io/zone", "kubernetes.io/hostname"}, named(one)


def test_a_worker_keeps_its_place_in_its_group_over_restarts(built: Overlay) -> None:
    for one in built.of("StatefulSet"):
        (container,) = pod(one)["spec"]["containers"]
        (member,) = [given for given in container["env"] if given["name"] == "MEMBER"]
        assert member["valueFrom"] == {"fieldRef": {"fieldPath": "metadata.name"}}, named(one)


async def test_a_path_that_nothing_serves_would_be_noticed() -> None:
    assert not await answers("gateway", "gateway", "/health/nowhere")
    assert not await answers("workforce", "worker", "/health/nowhere")
