"""The page that tells how to install names everything that has to be there before."""

from __future__ import annotations

import re
from typing import Any

from plumbline.services import SERVICES
from tests.deploy.built import OVERLAYS, Overlay
from tests.deploy.releases import TREE

PAGE = TREE / "docs" / "operations" / "install-kubernetes.md"
IN_OBJECTS = {"secretName", "secretKeyRef", "passwordSecret", "accessKeyId", "secretAccessKey", "secretTargetRef"}


def _references(given: Any, under: str = "") -> set[str]:
    """Every name of a secret anywhere in an object."""
    if isinstance(given, list):
        return {name for one in given for name in _references(one, under)}
    if not isinstance(given, dict):
        return {given} if under == "secretName" else set()
    found = {given["name"]} if under in IN_OBJECTS and "name" in given else set()
    return found | {name for key, value in given.items() for name in _references(value, key)}


def _asked_for(built: Overlay) -> set[str]:
    made = {name for one in built.of("Certificate") for name in _references(one)}
    return {name for one in built.objects if one["kind"] != "Certificate" for name in _references(one)} - made


def test_every_secret_is_explained(built: Overlay) -> None:
    text = PAGE.read_text()
    named = set(re.findall(r"`(plumbline-[\w-]+)`", text))
    named |= {f"plumbline-{name}" for name in SERVICES} | {f"plumbline-{name}-database" for name in SERVICES}
    assert _asked_for(built) <= named


def test_every_overlay_is_explained() -> None:
    text = PAGE.read_text()
    assert all(f"| `{name}` |" in text for name in OVERLAYS)


def test_the_passwords_of_every_service_are_made() -> None:
    (listed,) = re.findall(r"for service in (.+); do", PAGE.read_text())
    assert set(listed.split()) == set(SERVICES)
