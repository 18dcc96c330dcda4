"""Every published event type, found by its name."""

from __future__ import annotations

from types import ModuleType

from contracts import accountability, allocation, cpd, feedback, registration, safety, supervision, workforce
from contracts.event import Event

PUBLISHERS: tuple[ModuleType, ...] = (
    workforce,
    allocation,
    supervision,
    registration,
    cpd,
    feedback,
    safety,
    accountability,
)


def _declared(module: ModuleType) -> list[type[Event]]:
    return [
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, Event) and value is not Event
    ]


EVENT_TYPES: dict[str, type[Event]] = {event.TYPE: event for module in PUBLISHERS for event in _declared(module)}


def event_type(name: str) -> type[Event] | None:
    """The model of a type name; None for a type that this version does not know."""
    return EVENT_TYPES.get(name)


def topic_of(service: str) -> str:
    """The topic that carries all events of a service."""
    return f"plumbline.{service}"
