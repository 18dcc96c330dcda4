"""The built overlays as objects, and the questions that tests ask of them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

import pytest
import yaml

from tests.support.kustomize import NoKustomizeError, build

Object: TypeAlias = dict[str, Any]
OVERLAYS = ("small", "large", "airgapped")
FOLDER = Path(__file__).parents[2] / "deploy" / "k8s"
WORKLOADS = ("Deployment", "StatefulSet", "Job")


@dataclass(frozen=True)
class Overlay:
    """One built overlay."""

    name: str
    objects: tuple[Object, ...]

    def of(self, *kinds: str) -> list[Object]:
        """The objects of some kinds."""
        return [one for one in self.objects if one["kind"] in kinds]

    def get(self, kind: str, name: str) -> Object:
        """The object of a kind and a name; there must be one."""
        (found,) = [one for one in self.of(kind) if one["metadata"]["name"] == name]
        return found

    def workloads(self) -> list[Object]:
        """Whatever makes pods of our own."""
        return self.of(*WORKLOADS)

    @staticmethod
    def references(container: Object) -> dict[str, str]:
        """The part of a container's environment that is given by reference."""
        given = container.get("env", [])
        return {variable["name"]: str(variable["valueFrom"]) for variable in given if "valueFrom" in variable}

    def variables(self, container: Object) -> dict[str, str]:
        """The environment of a container: literal values, and ``<where from>`` for those by reference."""
        given: dict[str, str] = {}
        for source in container.get("envFrom", []):
            given |= self.get("ConfigMap", source["configMapRef"]["name"])["data"]
        for variable in container.get("env", []):
            given[variable["name"]] = variable.get("value", "")
        return given | self.references(container)


@cache
def overlay(name: str) -> Overlay:
    """An overlay, built once a session; skips the test loudly where nothing can build it."""
    try:
        text = build(FOLDER / "overlays" / name)
    except NoKustomizeError as lacking:
        pytest.skip(f"MANIFESTS WERE NOT TESTED: {lacking}")
    return Overlay(name, tuple(yaml.load_all(text, yaml.CSafeLoader)))


def own_overlay(name: str, folder: Path, *components: str, **changed: Any) -> Overlay:
    """A copy of an overlay somewhere else with components more and other entries, as somebody who installs it makes it."""
    shutil.copytree(FOLDER / "overlays" / name, folder, dirs_exist_ok=True)
    file = folder / "kustomization.yaml"
    told = {**yaml.safe_load(file.read_text()), **changed}
    told["components"] += [f"../../components/{component}" for component in components]
    for kind in ("resources", "components"):
        there = (FOLDER / "overlays" / name / path for path in told[kind])
        told[kind] = [os.path.relpath(path.resolve(), folder.resolve()) for path in there]
    file.write_text(yaml.safe_dump(told))
    try:
        return Overlay(name, tuple(yaml.safe_load_all(build(folder))))
    except NoKustomizeError as lacking:
        pytest.skip(f"MANIFESTS WERE NOT TESTED: {lacking}")


def pod(workload: Object) -> Object:
    """The pod template of a workload."""
    template: Object = workload["spec"]["template"]
    return template


def containers(workload: Object) -> Iterator[Object]:
    """Every container of a workload's pods, those that run first included."""
    spec = pod(workload)["spec"]
    yield from spec.get("initContainers", [])
    yield from spec["containers"]


def labels(workload: Object) -> Mapping[str, str]:
    """The labels of a workload's pods."""
    given: Mapping[str, str] = pod(workload)["metadata"]["labels"]
    return given


def named(one: Object) -> str:
    """An object in a message."""
    return f"{one['kind']} {one['metadata']['name']}"


def matches(selector: Object, given: Mapping[str, str]) -> bool:
    """Whether a label selector selects labels."""
    exact = all(given.get(key) == value for key, value in selector.get("matchLabels", {}).items())
    return exact and all(_expression(one, given) for one in selector.get("matchExpressions", []))


def _expression(wanted: Object, given: Mapping[str, str]) -> bool:
    value = given.get(wanted["key"])
    operators = {
        "In": lambda: value in wanted["values"],
        "NotIn": lambda: value not in wanted["values"],
        "Exists": lambda: value is not None,
        "DoesNotExist": lambda: value is None,
    }
    return bool(operators[wanted["operator"]]())
