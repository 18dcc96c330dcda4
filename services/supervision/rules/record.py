"""Everything that decides one worker's supervision, put together: employment, terms, streams (clauses 5.5 to 5.7)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from itertools import chain
from uuid import UUID

from services.supervision.rules.periods import Cadence, Period, Terms, period_of, required_periods
from services.supervision.rules.policy import STANDARD, Policy, UnitPolicy, policy_timeline
from services.supervision.rules.professional import Facts, professional_spans
from services.supervision.rules.sessions import Stream
from services.supervision.rules.timeline import ALWAYS, Span, Timeline

STREAMS: tuple[Stream, ...] = ("line", "professional")


@dataclass(frozen=True, slots=True)
class Current:
    """What is asked of a worker now: the line stream's cadence and length, and the first day of this period."""

    cadence: Cadence
    minutes: int
    from_on: date


@dataclass(frozen=True)
class WorkerRecord:
    """One worker as supervision sees them; ``ended_on`` is the last day of employment."""

    worker_id: UUID
    started_on: date
    ended_on: date | None
    monitored_from: date
    facts: Timeline[Facts]
    managers: Mapping[UUID, Timeline[Facts]] = field(default_factory=dict)
    paths: Mapping[UUID, Sequence[UUID]] = field(default_factory=dict)
    policies: Sequence[UnitPolicy] = ()
    earlier_ended_on: date | None = None
    """The last day of an employment before this one, whose judgements stand as they are."""

    @property
    def employment(self) -> Span:
        """The days of employment."""
        return Span(self.started_on, self.ended_on + timedelta(days=1) if self.ended_on else None)

    def settled(self, period: Period) -> bool:
        """Whether a period belongs to an employment before this one."""
        return self.earlier_ended_on is not None and period.last_day <= self.earlier_ended_on

    def unit_on(self, day: date) -> UUID | None:
        """The org unit that the worker belonged to on a day, as far as was known."""
        facts = self.facts.on(day)
        return facts.org_unit_id if facts else None

    @cached_property
    def terms(self) -> Timeline[Terms]:
        """What decides the line stream's periods from date to date."""
        units = Timeline(tuple((day, facts.org_unit_id) for day, facts in self.facts.entries))
        policies = policy_timeline(units, self.paths, self.policies)
        days = self.facts.changes | policies.changes
        return Timeline.of((day, self._terms_on(day, policies)) for day in days)

    def _terms_on(self, day: date, policies: Timeline[Policy]) -> Terms:
        facts = self.facts.on(day)
        return Terms(bool(facts and facts.newly_qualified), policies.on(day) or STANDARD)

    def policy_on(self, day: date) -> Policy:
        """The policy that binds the worker on a day."""
        terms = self.terms.on(day)
        return terms.policy if terms else STANDARD

    def terms_of(self, stream: Stream) -> Timeline[Terms]:
        """The terms of a stream; the professional one is monthly for everyone."""
        if stream == "line":
            return self.terms
        return Timeline(tuple((day, Terms(False, terms.policy)) for day, terms in self.terms.entries))

    def spans(self, stream: Stream) -> list[Span]:
        """The spans of days that a stream's periods tile."""
        if stream == "line":
            return [self.employment] if self.ended_on is None or self.ended_on >= self.started_on else []
        return professional_spans(self.employment, self.facts, self.managers)

    def periods(self, stream: Stream, since: date = ALWAYS) -> Iterator[Period]:
        """The required periods of a stream that end after ``since``, in order; endless while employment is."""
        terms = self.terms_of(stream)
        return chain.from_iterable(required_periods(span, terms, since) for span in self.spans(stream))

    def period_on(self, stream: Stream, day: date) -> Period | None:
        """The required period that a day falls into."""
        return period_of(self.spans(stream), self.terms_of(stream), day)

    def period_before(self, stream: Stream, period: Period) -> Period | None:
        """The required period that ends where another begins."""
        return self.period_on(stream, period.start - timedelta(days=1))

    def current(self, today: date) -> Current | None:
        """What is asked now; None before employment and after it."""
        period = self.period_on("line", today)
        return Current(period.cadence, period.minimum_minutes, period.start) if period else None

    def next_look_on(self, today: date) -> date | None:
        """The next day on which a period ends or the first one begins; None when nothing is to come."""
        ahead = [next(self.periods(stream, since=today), None) for stream in STREAMS]
        days = [period.start if period.start > today else period.end for period in ahead if period]
        return min(days, default=None)
