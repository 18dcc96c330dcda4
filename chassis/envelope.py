"""CloudEvents 1.0 in binary mode: the attributes that travel beside a fact."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from contracts import Event

SPEC_VERSION = "1.0"
CONTENT_TYPE = "application/json"
LAST_SEQUENCE = 2**63 - 1
_OPTIONAL = ("dataschema", "traceparent", "correlationid", "causationid")


class Undecodable(Exception):
    """A record is no CloudEvent: an attribute is missing or cannot be read."""


class Cause(NamedTuple):
    """Why something happens: carried from a request or a record to every event that follows from it."""

    actor: str
    correlation_id: str
    causation_id: str = ""
    traceparent: str = ""


class Envelope(NamedTuple):
    """The CloudEvents attributes of one event; ``sequence`` counts from 1 per source and subject.

    ``id`` is a UUID in its one spelling: it is compared, sent and kept as text.
    """

    id: str
    source: str
    type: str
    subject: str
    time: datetime
    sequence: int
    dataschema: str = ""
    traceparent: str = ""
    correlationid: str = ""
    causationid: str = ""

    def attributes(self) -> dict[str, str | int]:
        """The attributes as the structured JSON form shows them, without data."""
        shown: dict[str, str | int] = {
            "specversion": SPEC_VERSION,
            "id": self.id,
            "source": self.source,
            "type": self.type,
            "subject": self.subject,
            "time": self.time.isoformat(),
            "datacontenttype": CONTENT_TYPE,
            "sequence": str(self.sequence),
        }
        return shown | {name: getattr(self, name) for name in _OPTIONAL if getattr(self, name)}


def constant_headers(event_type: str, source: str) -> dict[str, str]:
    """The binary-mode headers that all events of one type share for ever."""
    return {
        "ce_specversion": SPEC_VERSION,
        "ce_source": source,
        "ce_type": event_type,
        "ce_dataschema": f"/schemas/{event_type}.json",
        "content-type": CONTENT_TYPE,
    }


def shared_headers(time: datetime, cause: Cause) -> dict[str, str]:
    """The binary-mode headers that all events of one transaction share."""
    headers = {"ce_time": time.isoformat(), "ce_correlationid": cause.correlation_id}
    if cause.causation_id:
        headers["ce_causationid"] = cause.causation_id
    if cause.traceparent:
        headers["ce_traceparent"] = cause.traceparent
    return headers


def headers_of(event: Event, event_id: UUID, source: str, time: datetime, cause: Cause) -> dict[str, str]:
    """The binary-mode headers of one event, without its sequence, which the database assigns."""
    own = {"ce_id": str(event_id), "ce_subject": event.subject}
    return own | constant_headers(event.TYPE, source) | shared_headers(time, cause)


def envelope_of(headers: Mapping[str, str]) -> Envelope:
    """Read the attributes from binary-mode headers; :class:`Undecodable` names the one that is missing or wrong."""
    try:
        envelope = Envelope(
            id=str(UUID(headers["ce_id"])),
            source=headers["ce_source"],
            type=headers["ce_type"],
            subject=headers["ce_subject"],
            time=datetime.fromisoformat(headers["ce_time"]),
            sequence=int(headers["ce_sequence"]),
            dataschema=headers.get("ce_dataschema", ""),
            traceparent=headers.get("ce_traceparent", ""),
            correlationid=headers.get("ce_correlationid", ""),
            causationid=headers.get("ce_causationid", ""),
        )
    except KeyError as missing:
        raise Undecodable(f"the attribute {missing} is missing") from missing
    except ValueError as wrong:
        raise Undecodable(f"an attribute cannot be read: {wrong}") from wrong
    if not 1 <= envelope.sequence <= LAST_SEQUENCE:
        raise Undecodable("the sequence is no count from 1")
    if envelope.time.tzinfo is None:
        raise Undecodable("the time has no offset")
    if "\0" in "".join(headers.values()):
        raise Undecodable("an attribute holds a NUL, which no database keeps")
    return envelope


def structured(envelope: Envelope, data: Any) -> dict[str, Any]:
    """The structured JSON form: attributes and data in one object."""
    return {**envelope.attributes(), "data": data}
