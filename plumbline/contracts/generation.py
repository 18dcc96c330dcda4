"""Which files the contracts consist of, written from the code and compared with what is committed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

import contracts
from chassis.service import Service
from contracts import EVENT_TYPES, Event
from plumbline.contracts.asyncapi import asyncapi
from plumbline.contracts.compatibility import incompatibilities
from plumbline.contracts.openapi import openapi
from plumbline.contracts.schemas import schema_of
from plumbline.services import SERVICES, load

ROOT = Path(contracts.__file__).parent
EXAMPLES = ROOT / "examples"
PUBLISHED = ROOT / "published"
GENERATED = ("schemas/*.json", "openapi/*.json", "asyncapi.yaml")
REMEDY = "run `make contracts` and commit what it writes"
LANGUAGE_VERSION = "1.0.0"


def present_services() -> dict[str, Service]:
    """The services of this distribution, by name."""
    return {
        name: load(name) for name in SERVICES if find_spec(f"services.{name}") and find_spec(f"services.{name}.service")
    }


def spoken_types() -> dict[str, type[Event]]:
    """The event types of the services of this distribution; a service that is only being written promises nothing yet."""
    return {name: EVENT_TYPES[name] for name in sorted(EVENT_TYPES) if EVENT_TYPES[name].service() in SERVICES}


def render() -> dict[Path, str]:
    """Every generated file by its path."""
    services, types = present_services(), spoken_types()
    files = {ROOT / "schemas" / f"{name}.json": as_json(schema_of(event)) for name, event in types.items()}
    files |= {ROOT / "openapi" / f"{name}.json": as_json(openapi(service)) for name, service in services.items()}
    files[ROOT / "asyncapi.yaml"] = _as_yaml(asyncapi(services, types, read_examples(), LANGUAGE_VERSION))
    return files


def as_json(document: Mapping[str, Any]) -> str:
    """A document as it is committed: indented, in the order of its making, with a newline at the end."""
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


class _Yaml(yaml.SafeDumper):
    """Texts of several lines as blocks; nothing by alias."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - the signature is PyYAML's
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Yaml.add_representer(str, _text)


def _as_yaml(document: Mapping[str, Any]) -> str:
    return yaml.dump(document, Dumper=_Yaml, sort_keys=False, allow_unicode=True, width=120)


def _committed() -> set[Path]:
    return {path for pattern in GENERATED for path in ROOT.glob(pattern)}


def drift() -> list[str]:
    """How the committed files differ from what the code says; empty when they agree."""
    files = render()
    stale = sorted(path for path, text in files.items() if not path.exists() or path.read_text() != text)
    found = [f"{_name(path)} is not what the code says: {REMEDY}" for path in stale]
    return found + [
        f"{_name(path)} belongs to nothing any more: {REMEDY}" for path in sorted(_committed() - set(files))
    ]


def write() -> list[Path]:
    """Write what differs and remove what belongs to nothing; the paths that changed."""
    files = render()
    stale = [path for path, text in files.items() if not path.exists() or path.read_text() != text]
    for path in stale:
        path.parent.mkdir(exist_ok=True)
        path.write_text(files[path])
    gone = sorted(_committed() - set(files))
    for path in gone:
        path.unlink()
    return stale + gone


def read_examples() -> dict[str, Any]:
    """The committed example data of each type that has one."""
    return {path.stem: json.loads(path.read_text()) for path in sorted(EXAMPLES.glob("*.json"))}


def example_problems() -> list[str]:
    """Types without an example, examples without a type, and examples that their model reads otherwise than written."""
    examples = read_examples()
    missing = [
        f"examples/{name}.json is missing: write one" for name in sorted(spoken_types().keys() - examples.keys())
    ]
    strays = [f"examples/{name}.json has no type: remove it" for name in sorted(examples.keys() - EVENT_TYPES.keys())]
    wrong = [
        problem for name in sorted(EVENT_TYPES.keys() & examples.keys()) for problem in _misread(name, examples[name])
    ]
    return missing + strays + wrong


def _misread(name: str, data: Any) -> Iterator[str]:
    try:
        again = EVENT_TYPES[name].model_validate_json(json.dumps(data)).model_dump(mode="json")
    except ValidationError as invalid:
        yield f"examples/{name}.json is refused by its model: {invalid}"
        return
    for field in sorted(again.keys() | data.keys()):
        if field not in data or again.get(field) != data[field]:
            yield f"examples/{name}.json: {field} is {data.get(field)!r}, and is published as {again.get(field)!r}"


def broken_promises() -> list[str]:
    """Where a type no longer keeps what its published schema promised; a published type may also not disappear."""
    found = []
    for path in sorted(PUBLISHED.glob("*.json")):
        event = EVENT_TYPES.get(path.stem)
        if event is None:
            found.append(f"{path.stem} is published and no longer exists: keep it beside its successor")
            continue
        reasons = incompatibilities(json.loads(path.read_text()), schema_of(event))
        found += [f"{path.stem} is published; {reason}. Publish a new version beside it" for reason in reasons]
    return found


def unpublished() -> list[str]:
    """Types that nobody has been promised yet, or that gained optional fields since."""
    return [name for name, event in spoken_types().items() if _promise(name) != as_json(schema_of(event))]


def _promise(name: str) -> str:
    path = PUBLISHED / f"{name}.json"
    return path.read_text() if path.exists() else ""


def publish() -> list[str]:
    """Promise every type as it is now; call only when no promise is broken. The types whose promise is new or wider."""
    new = unpublished()
    PUBLISHED.mkdir(exist_ok=True)
    for name in new:
        (PUBLISHED / f"{name}.json").write_text(as_json(schema_of(EVENT_TYPES[name])))
    return new


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT.parent))
