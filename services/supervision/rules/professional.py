"""When a worker needs professional supervision beside the line manager's (clause 5.5)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple
from uuid import UUID

from services.supervision.rules.timeline import Span, Timeline, spans_where


class Facts(NamedTuple):
    """What is known of a worker: the first facts from the beginning, a change from the day it was learned."""

    org_unit_id: UUID
    line_manager_id: UUID | None = None
    newly_qualified: bool = False
    is_social_worker: bool = True
    has_registration_number: bool = True

    @property
    def registered_social_worker(self) -> bool:
        """Whether this person can give professional supervision.

        Someone recorded as a social worker counts as registered: a number that has not been entered yet is a gap in the
        record, not proof of a missing registration, and must not raise alerts about everyone this person manages.
        """
        return self.is_social_worker


def needs_professional_supervision(worker: Facts | None, manager: Facts | None) -> bool:
    """Whether a social worker's line manager is known not to be a registered social worker (clause 5.5).

    Without a line manager, or with one of whom nothing is known yet, there is the line stream alone.
    """
    if worker is None or manager is None or not worker.is_social_worker:
        return False
    return not manager.registered_social_worker


def professional_spans(
    employment: Span, worker: Timeline[Facts], managers: Mapping[UUID, Timeline[Facts]]
) -> list[Span]:
    """The spans of an employment that the professional stream's periods tile, each from its own first day.

    A change of manager, or of the manager's registration, ends a span on the day it was learned: the period it cuts
    short is not judged. Two managers in a row of whom neither is registered leave the span, and its periods, unbroken.
    """

    def holds(day: date) -> bool:
        facts = worker.on(day)
        manager_id = facts.line_manager_id if facts else None
        manager = managers.get(manager_id) if manager_id else None
        return needs_professional_supervision(facts, manager.on(day) if manager else None)

    changes = worker.changes.union(*(manager.changes for manager in managers.values()))
    return spans_where(holds, changes, employment)
