"""The answer to a request, as one JSON value and as a page to read."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from chassis.subjects import Shown
from plumbline.subject.information import ELSEWHERE, INFORMATION, READ_FIRST, TOPICS
from plumbline.subject.mentions import Mention
from plumbline.subject.parts import Answer, Asked, Removal
from plumbline.subject.redaction import Redactor

LONGEST_LINE = 400


def export_page(
    asked: Asked,
    answers: Mapping[str, Answer],
    silent: Mapping[str, str],
    files: Mapping[str, Sequence[str]],
    redactor: Redactor,
) -> dict[str, Any]:
    """What an access request is answered with."""
    services = {
        name: {
            "sections": [_section(shown, redactor) for shown in given.shown if shown.rows],
            "recorded by the person": dict(given.recorded),
            "mentioned in words of other records, to be read by someone": _mentions(given.mentioned),
            "files": list(files.get(name, ())),
        }
        for name, given in answers.items()
    }
    return {
        "request": _request("export", asked),
        "not answered": dict(silent),
        "information": INFORMATION,
        "services": services,
        "events": TOPICS,
        "elsewhere": ELSEWHERE,
    }


def _section(shown: Shown, redactor: Redactor) -> dict[str, Any]:
    section = shown.section
    rows = [
        {_worded(name): redactor.words(value) if name in section.words else value for name, value in row.items()}
        for row in shown.rows
    ]
    read_first = [READ_FIRST] if section.words else []
    cautions = [*read_first, *([section.caution] if section.caution else [])]
    return {"section": section.name, "tables": list(section.tables), "to be reviewed": cautions, "records": rows}


def erase_page(
    asked: Asked, removals: Mapping[str, Removal], silent: Mapping[str, str], needed: Sequence[str], *, check: bool
) -> dict[str, Any]:
    """What an erasure is answered with."""
    services = {
        name: {
            "sections": [
                {
                    "section": part.name,
                    "erased or made anonymous": part.changed,
                    **({"records kept": part.left, "why kept": part.kept} if part.left else {}),
                }
                for part in removal.erased
            ],
            "mentioned in words of other records, to be read by someone": _mentions(removal.mentioned),
            "files erased": len(removal.files),
        }
        for name, removal in removals.items()
    }
    return {
        "request": _request("check of an erasure: nothing was changed" if check else "erase", asked),
        "not answered": dict(silent),
        "the name is still needed": list(needed),
        "services": services,
        "events": TOPICS,
        "elsewhere": ELSEWHERE,
    }


def _request(kind: str, asked: Asked) -> dict[str, Any]:
    about = {"id": asked.request_id, "kind": kind, "worker": asked.person.worker_id, "by": asked.person.by}
    return {**about, "reason": asked.reason}


def _mentions(found: Sequence[Mention]) -> list[dict[str, Any]]:
    return [{"table": one.table, "records": one.records, "keys": list(one.keys)} for one in found]


def _worded(name: str) -> str:
    return name.replace("_", " ")


def as_json(page: Mapping[str, Any]) -> str:
    """The answer for a machine: numbers as numbers, dates and ids as text."""
    return json.dumps(page, indent=2, ensure_ascii=False, default=_plain) + "\n"


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(f"{type(value).__name__} cannot be shown")


def as_text(page: Mapping[str, Any]) -> str:
    """The answer for a person: a heading for each service and each section, then lists."""
    plain = json.loads(as_json(page))
    services = plain.pop("services")
    lines = [f"# {plain['request']['kind'].capitalize()}", "", *_lines(plain, 0)]
    for name, given in services.items():
        lines += ["", f"## {name}"]
        for section in given.pop("sections"):
            lines += ["", f"### {section.pop('section')}", "", *_lines(section, 0)]
        lines += ["", *_lines(given, 0)]
    return "\n".join(lines) + "\n"


def _lines(value: Any, depth: int) -> Iterator[str]:
    """A value as a list; a record of several fields is one entry of it."""
    if isinstance(value, dict):
        for name, one in value.items():
            yield from _entry(f"{name}: ", one, depth)
    elif isinstance(value, list):
        for number, one in enumerate(value, start=1):
            yield from _entry(f"{number}. " if isinstance(one, dict | list) else "", one, depth)


def _entry(label: str, value: Any, depth: int) -> Iterator[str]:
    indent = "  " * depth
    inline = _inline(value)
    if inline is None:
        yield f"{indent}- {label.rstrip()}"
        yield from _lines(value, depth + 1)
    elif inline:
        yield f"{indent}- {label}{inline}"


def _inline(value: Any) -> str | None:
    """A value on one line; None when it needs more than one, empty when there is nothing to say."""
    if not isinstance(value, dict | list):
        return _one_line(value) if _said(value) else ""
    parts = list(value.values()) if isinstance(value, dict) else value
    if any(isinstance(one, dict | list) and one for one in parts):
        return None
    named = value.items() if isinstance(value, dict) else (("", one) for one in value)
    text = "; ".join(f"{name}: {_one_line(one)}".removeprefix(": ") for name, one in named if _said(one))
    return text if len(text) <= LONGEST_LINE else None


def _said(value: Any) -> bool:
    return value not in (None, "", [], {})


def _one_line(value: Any) -> str:
    return ("yes" if value else "no") if isinstance(value, bool) else " / ".join(str(value).splitlines())
