"""The published language of Plumbline: one module of event models per service."""

from contracts.event import Event
from contracts.registry import EVENT_TYPES, event_type, topic_of

__all__ = ["EVENT_TYPES", "Event", "event_type", "topic_of"]
