"""Built manifests are what Kubernetes takes, strictly: no unknown field, no wrong type."""

from __future__ import annotations

import json
from functools import cache

import kubernetes_validate
import pytest

from tests.deploy.built import Object, Overlay, named

KUBERNETES = "1.34"
"""The oldest Kubernetes that takes everything used here, such as a pause before a pod is stopped; newer ones are tried too."""
OF_OPERATORS = {
    "postgresql.cnpg.io/v1": {"Cluster", "Database", "ScheduledBackup"},
    "barmancloud.cnpg.io/v1": {"ObjectStore"},
    "kafka.strimzi.io/v1": {"Kafka", "KafkaNodePool", "KafkaUser"},
    "keda.sh/v1alpha1": {"ScaledObject", "TriggerAuthentication"},
    "cert-manager.io/v1": {"Certificate", "Issuer"},
    "monitoring.coreos.com/v1": {"PodMonitor", "PrometheusRule"},
}
"""Kinds that operators define, whose schemas Kubernetes does not have; test_operators.py and test_monitors.py
look at what matters in them."""


@pytest.mark.parametrize("version", [KUBERNETES, kubernetes_validate.latest_version()])
def test_every_object_is_valid(built: Overlay, version: str) -> None:
    wrong = []
    for one in built.objects:
        if one["kind"] in OF_OPERATORS.get(one["apiVersion"], ()):
            continue
        wrong += [f"{named(one)}: {problem}" for problem in problems_of(one, version)]
    assert not wrong, "\n".join(wrong)


def problems_of(one: Object, version: str) -> tuple[str, ...]:
    """What a version of Kubernetes finds wrong with an object."""
    return _problems(json.dumps(one), version)


@cache
def _problems(text: str, version: str) -> tuple[str, ...]:
    """What is wrong with an object; most are the same in every overlay and are looked at once."""
    try:
        kubernetes_validate.validate(json.loads(text), version, strict=True)
    except (kubernetes_validate.ValidationError, kubernetes_validate.SchemaNotFoundError) as refused:
        return (str(refused),)
    return ()


def test_names_are_unique(built: Overlay) -> None:
    names = [(one["apiVersion"], named(one)) for one in built.objects]
    assert len(names) == len(set(names))


def test_everything_is_in_one_namespace(built: Overlay) -> None:
    outside = [named(one) for one in built.objects if one["metadata"].get("namespace", "plumbline") != "plumbline"]
    assert not outside
