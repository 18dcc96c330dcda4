"""The event stream as one AsyncAPI 3.0 document: a topic per service, CloudEvents in binary mode, a message per type."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chassis.service import Service
from contracts import EVENT_TYPES, Event, topic_of
from plumbline.contracts.schemas import schema_id

_DESCRIPTION = """\
What the services of Plumbline tell one another, and anyone who may listen. Every record is a CloudEvent 1.0 in binary mode:
attributes in the headers, the fact as JSON in the value, the subject as the key. Records of one key keep their order and
`ce_sequence` counts them from 1 without a gap; the same event may arrive more than once and is known by its `ce_id`.
No record carries a name, free text or a case reference.
"""

_ATTRIBUTES: dict[str, tuple[dict[str, Any], str]] = {
    "ce_specversion": ({"const": "1.0"}, "the version of CloudEvents"),
    "ce_id": ({"format": "uuid"}, "one event, one id, wherever it is seen: what a reader recognises a repetition by"),
    "ce_source": ({"pattern": "^/services/[a-z]+$"}, "the service that publishes it"),
    "ce_subject": ({"minLength": 1}, "the id of what the fact is about; the key of the record"),
    "ce_time": ({"format": "date-time"}, "the business time at which it was recorded"),
    "ce_sequence": ({"pattern": "^[1-9][0-9]*$"}, "its number among the events of this source and subject"),
    "ce_correlationid": ({}, "the request or event at the beginning of the chain"),
    "ce_causationid": ({"format": "uuid"}, "the event that directly caused it, if one did"),
    "ce_traceparent": ({}, "W3C trace context, if traced"),
    "content-type": ({"const": "application/json"}, "the form of the value"),
}
_SOMETIMES = frozenset({"ce_causationid", "ce_traceparent"})


def asyncapi(
    services: Mapping[str, Service], types: Mapping[str, type[Event]], examples: Mapping[str, Any], version: str
) -> dict[str, Any]:
    """The document about ``types``; ``examples`` holds the data of one event per type."""
    publishers = sorted({event.service() for event in types.values()})
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Plumbline events", "version": version, "description": _DESCRIPTION},
        "defaultContentType": "application/json",
        "servers": {"kafka": _server()},
        "channels": {name: _channel(name) for name in publishers},
        "operations": _operations(services, publishers),
        "components": {
            "messages": {name: _message(event, examples.get(name)) for name, event in sorted(types.items())},
        },
    }


def _server() -> dict[str, Any]:
    return {
        "host": "{bootstrap}",
        "protocol": "kafka",
        "description": "Apache Kafka; the all-in-one carries the same records in PostgreSQL",
        "variables": {"bootstrap": {"default": "localhost:9092"}},
    }


def _types_of(service: str) -> list[str]:
    return sorted(name for name, event in EVENT_TYPES.items() if event.service() == service)


def _channel(service: str) -> dict[str, Any]:
    return {
        "address": topic_of(service),
        "description": f"Every fact that {service} publishes.",
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in _types_of(service)},
        "bindings": {"kafka": {"topic": topic_of(service), "topicConfiguration": {"retention.ms": -1}}},
    }


def _operations(services: Mapping[str, Service], publishers: list[str]) -> dict[str, Any]:
    sending = {f"{name}_publishes": _operation("send", name, _types_of(name)) for name in publishers}
    receiving = {
        f"{name}_hears_{other}": _operation("receive", other, consumed_types(service, other))
        for name, service in sorted(services.items())
        for other in sorted(service.listens_to)
        if other in publishers and consumed_types(service, other)
    }
    return sending | receiving


def _operation(action: str, channel: str, types: list[str]) -> dict[str, Any]:
    return {
        "action": action,
        "channel": {"$ref": f"#/channels/{channel}"},
        "messages": [{"$ref": f"#/channels/{channel}/messages/{name}"} for name in types],
    }


def consumed_types(service: Service, publisher: str = "") -> list[str]:
    """The types that a service acts on, of one publisher or of all; everything it hears when it names none but takes batches."""
    from chassis import directory

    if service.react_all is not None and not service.reactions:
        heard = {name for name, event in EVENT_TYPES.items() if event.service() in service.listens_to}
    else:
        kept = directory.REACTIONS if service.keeps_directory else {}
        heard = {event.TYPE for event in (*service.reactions, *kept) if event.service() in service.listens_to}
    return sorted(name for name in heard if not publisher or EVENT_TYPES[name].service() == publisher)


def _message(event: type[Event], example: Any) -> dict[str, Any]:
    message: dict[str, Any] = {
        "name": event.TYPE,
        "title": event.TYPE,
        "summary": " ".join((event.__doc__ or "").split()),
        "contentType": "application/json",
        "correlationId": {"location": "$message.header#/ce_correlationid"},
        "headers": _headers(event),
        "payload": {"$ref": f".{schema_id(event)}"},
        "bindings": {"kafka": {"key": {"type": "string", "description": f"{event.SUBJECT}, the subject"}}},
    }
    if example is not None:
        message["examples"] = [{"name": "example", "payload": example}]
    return message


def _headers(event: type[Event]) -> dict[str, Any]:
    fixed: dict[str, dict[str, Any]] = {
        "ce_type": {"type": "string", "const": event.TYPE, "description": "the name of the fact and its version"},
        "ce_dataschema": {"type": "string", "const": schema_id(event), "description": "the schema of the value"},
    }
    described = {
        name: {"type": "string", **schema, "description": text} for name, (schema, text) in _ATTRIBUTES.items()
    }
    required = [name for name in (*described, *fixed) if name not in _SOMETIMES]
    return {"type": "object", "properties": described | fixed, "required": sorted(required)}
