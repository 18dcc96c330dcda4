"""One OpenAPI document out of every service's own, and what it says about operations that need no token."""

from __future__ import annotations

import re
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

Document = dict[str, Any]
METHODS = frozenset({"get", "put", "post", "delete", "options", "head", "patch", "trace"})
BEARER: dict[str, list[str]] = {"bearer": []}
_REFERENCE = re.compile(r"^#/components/(?P<kind>[^/]+)/(?P<name>.+)$")


class PublicOperations:
    """The operations of one service that its document declares with `security: []`."""

    def __init__(self, document: Document | None) -> None:
        self._patterns: list[tuple[str, re.Pattern[str]]] = []
        for path, item in (document or {}).get("paths", {}).items():
            for method in METHODS & item.keys():
                if item[method].get("security", (document or {}).get("security")) == []:
                    self._patterns.append((method.upper(), _pattern(path)))

    def allow(self, method: str, raw_path: bytes) -> bool:
        """Whether this call needs no token."""
        if not self._patterns:
            return False
        path = raw_path.decode("ascii")
        return any(method == known and pattern.fullmatch(path) for known, pattern in self._patterns)


def _pattern(path: str) -> re.Pattern[str]:
    parts = re.split(r"(\{[^}]*\})", path)
    return re.compile("".join("[^/]+" if part.startswith("{") else re.escape(part) for part in parts))


def merge(services: Mapping[str, Document], own: Document) -> Document:
    """One document: unique operation ids, a tag per service, components prefixed where two services mean different things."""
    paths: dict[str, Any] = deepcopy(own["paths"])
    components: dict[str, dict[str, Any]] = deepcopy(own.get("components", {}))
    taken = {operation["operationId"] for item in paths.values() for operation in _operations(item)}
    tags = list(own.get("tags", []))
    for service, original in sorted(services.items()):
        document = _renamed(service, original, components)
        for kind, entries in document.get("components", {}).items():
            if kind != "securitySchemes":
                components.setdefault(kind, {}).update(entries)
        for path, item in document.get("paths", {}).items():
            _adopt(service, path, item, document, taken)
            paths[path] = item
        tags.append(
            {"name": service, "description": document.get("info", {}).get("description") or f"The {service} service."}
        )
    return {
        "openapi": "3.1.0",
        "info": own["info"],
        "servers": [{"url": "/"}],
        "tags": tags,
        "security": [BEARER],
        "paths": dict(sorted(paths.items())),
        "components": components,
    }


def _operations(item: Document) -> list[Document]:
    return [operation for method, operation in item.items() if method in METHODS]


def _adopt(service: str, path: str, item: Document, document: Document, taken: set[str]) -> None:
    """Make one path of a service fit into the whole."""
    for method in METHODS & item.keys():
        operation = item[method]
        operation["tags"] = [service]
        operation["operationId"] = _unused(service, method, path, operation.get("operationId"), taken)
        if operation.get("security", document.get("security")) == []:
            operation["security"] = []
        else:
            operation["security"] = [BEARER]
            operation.setdefault("responses", {}).setdefault("401", {"$ref": "#/components/responses/Unauthorized"})


def _unused(service: str, method: str, path: str, wanted: str | None, taken: set[str]) -> str:
    name = wanted or f"{method}_{re.sub(r'[^A-Za-z0-9]+', '_', path).strip('_')}"
    candidates = [name, f"{service}_{name}"]
    number = 1
    while candidates and candidates[0] in taken:
        candidates.pop(0)
        if not candidates:
            number += 1
            candidates.append(f"{service}_{name}_{number}")
    taken.add(candidates[0])
    return candidates[0]


def _renamed(service: str, document: Document, components: Mapping[str, Mapping[str, Any]]) -> Document:
    """The document with each component that means something else under its name in `components` renamed."""
    renames = _renames(service, document, components)
    renamed: Document = _with_references(deepcopy(document), renames)
    for kind, entries in renamed.get("components", {}).items():
        renamed["components"][kind] = {renames.get((kind, name), name): entry for name, entry in entries.items()}
    return renamed


def _renames(
    service: str, document: Document, components: Mapping[str, Mapping[str, Any]]
) -> dict[tuple[str, str], str]:
    """New names, until nothing is left whose own text or whose references say something else under the old name."""
    renames: dict[tuple[str, str], str] = {}
    changed = True
    while changed:
        changed = False
        for kind, entries in document.get("components", {}).items():
            known = components.get(kind, {})
            for name, entry in entries.items():
                if (kind, name) in renames or name not in known or known[name] == _with_references(entry, renames):
                    continue
                renames[kind, name] = _free_name(f"{service.capitalize()}{name}", entries, known)
                changed = True
    return renames


def _free_name(name: str, *taken: Mapping[str, Any]) -> str:
    while any(name in names for names in taken):
        name += "_"
    return name


def _with_references(node: Any, renames: Mapping[tuple[str, str], str]) -> Any:
    if isinstance(node, list):
        return [_with_references(item, renames) for item in node]
    if not isinstance(node, dict):
        return node
    return {key: _reference(key, value, renames) for key, value in node.items()}


def _reference(key: str, value: Any, renames: Mapping[tuple[str, str], str]) -> Any:
    if key == "$ref" and isinstance(value, str) and (found := _REFERENCE.match(value)):
        kind, name = found["kind"], found["name"]
        return f"#/components/{kind}/{renames.get((kind, name), name)}"
    if key == "mapping" and isinstance(value, dict):
        return {tag: _reference("$ref", target, renames) for tag, target in value.items()}
    return _with_references(value, renames)
