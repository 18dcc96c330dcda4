"""Sends a plan through the REST API in the order in which a real authority would arrive."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from time import monotonic
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from plumbline.simulate import bodies
from plumbline.simulate.api import Api, Bearer
from plumbline.simulate.plan import (
    Absence,
    Case,
    Contest,
    Person,
    Plan,
    Reduction,
    Responsibility,
    Session,
    Unit,
    Vacancy,
)
from plumbline.simulate.sending import Sender, Thing
from plumbline.simulate.summary import Summary
from plumbline.simulate.upkeep_driver import UpkeepDriver

ADMIN = Bearer(("workforce_admin",))
PSW = Bearer(("principal_social_worker",))
CASE_SYSTEM = Bearer(("integration",))
COLUMNS = (TextColumn("{task.description:<26}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())


async def drive(api: Api, plan: Plan, console: Console) -> Summary:
    """Every stage in turn; what the API refuses is counted and the rest goes on."""
    summary = Summary(authority=plan.units[0].name)
    began = monotonic()
    with Progress(*COLUMNS, console=console) as progress:
        await _Driver(api, plan, Sender(api, summary, progress), summary).run()
    summary.seconds = monotonic() - began
    return summary


class _Driver:
    """One plan on its way into one deployment."""

    def __init__(self, api: Api, plan: Plan, sender: Sender, summary: Summary) -> None:
        self._api, self._plan, self._sender, self._summary = api, plan, sender, summary
        self._people = {person.ref: person for person in plan.people}
        self._units: dict[str, str] = {}
        self._workers: dict[str, str] = {}

    async def run(self) -> None:
        """A year of history first; only then does monitoring begin, so that nothing is called missed and then taken back."""
        await self._send_units()
        await self._send_workers()
        await self._until_everyone_is_known()
        await self._send_accountability()
        await self._send_absences()
        await self._send_sessions()
        await self._send_cases()
        await self._send_other_work()
        await self._send_allocations()
        await self._send_closures()
        await self._send_contests()
        await UpkeepDriver(self._api, self._plan, self._sender, self._units, self._workers).run()
        await self._begin_monitoring()

    async def _send_units(self) -> None:
        self._sender.begin("org units", len(self._plan.units))
        await self._sender.in_order("org units", self._plan.units, self._create_unit)
        self._summary.org_unit_id = self._authority

    async def _create_unit(self, unit: Unit) -> None:
        body = {"name": unit.name, "kind": unit.kind, "parent_id": self._units.get(unit.parent or "")}
        answer = await self._api.post(ADMIN, "/v1/workforce/org-units", self._key("unit", unit.ref), body)
        self._units[unit.ref] = answer["org_unit_id"]

    @property
    def _authority(self) -> str:
        return self._units[self._plan.units[0].ref]

    async def _send_workers(self) -> None:
        """Everyone is imported as monitored from today: the past is judged once it has been recorded."""
        self._sender.begin("workers", len(self._plan.people))
        known = {worker["employee_ref"] async for worker in self._listed_workers()}
        fresh = [replace(p, monitored_from=self._plan.today) for p in self._plan.people if p.ref not in known]
        await self._import(fresh)
        self._workers = {worker["employee_ref"]: worker["worker_id"] async for worker in self._listed_workers()}
        self._summary.sent["workers"] = len(self._workers)
        self._sender.done(len(self._workers))

    def _listed_workers(self) -> AsyncIterator[dict[str, Any]]:
        return self._api.items(ADMIN, "/v1/workforce/workers", org_unit_id=self._authority, include_left="true")

    async def _import(self, people: Sequence[Person]) -> None:
        if not people:
            return
        file = bodies.workers_file(people, self._units)
        answer = await self._api.post_file(ADMIN, "/v1/workforce/imports", "text/csv", file)
        for line in answer["rejected"]:
            self._sender.refused_line("import of workers", line)

    async def _until_everyone_is_known(self) -> None:
        here = [self._workers[person.ref] for person in self._plan.people if not person.left]
        supervision = [f"/v1/supervision/workers/{worker}/periods" for worker in self._workers.values()]
        allocation = [f"/v1/allocation/workers/{worker}/workload" for worker in here]
        self._sender.begin("every service knows them", len(supervision) + len(allocation))
        await self._sender.until_known(PSW, [*supervision, *allocation])

    async def _send_accountability(self) -> None:
        policy = {**self._plan.policy, "org_unit_id": self._authority}
        self._sender.begin("accountability, policy", len(self._plan.units) + len(self._plan.vacancies) + 1)
        await self._sender.each("accountable people", self._plan.units, self._appoint)
        await self._sender.each("vacant posts", self._plan.vacancies, self._open_post)
        await self._sender.each("policy", [policy], partial(self._api.put, PSW, "/v1/allocation/policy"))

    async def _appoint(self, unit: Unit) -> None:
        body = {"worker_id": self._workers[unit.accountable], "from": self._plan.policy["effective_from"]}
        await self._api.put(ADMIN, f"/v1/workforce/org-units/{self._units[unit.ref]}/accountable", body)

    async def _open_post(self, vacancy: Vacancy) -> None:
        body = bodies.post_body(vacancy, self._units)
        await self._api.post(ADMIN, "/v1/workforce/posts", self._key("post", vacancy.ref), body)

    async def _send_absences(self) -> None:
        self._sender.begin("absence", len(self._plan.absences))
        await self._sender.each("absences", self._plan.absences, self._record_absence)

    async def _record_absence(self, absence: Absence) -> None:
        path = f"/v1/workforce/workers/{self._workers[absence.person]}/absences"
        key = self._key("absence", absence.person, absence.first)
        await self._api.post(ADMIN, path, key, bodies.absence_body(absence))

    async def _send_sessions(self) -> None:
        self._sender.begin("supervision", len(self._plan.sessions))
        await self._side_by_side("sessions", _grouped(self._plan.sessions, lambda s: s.person), self._record_session)

    async def _record_session(self, session: Session) -> None:
        supervisor = self._leader(session.supervisor)
        body = bodies.session_body(session, self._workers)
        key = self._key("session", session.ref)
        answer = await self._api.post(supervisor, "/v1/supervision/sessions", key, body)
        if session.cancelled:
            body = bodies.cancellation_body(session.cancelled.reason, session.cancelled.rebooked_for)
            path = f"/v1/supervision/sessions/{answer['session_id']}/cancel"
            await self._api.post(supervisor, path, self._key("cancel", session.ref), body)

    async def _send_cases(self) -> None:
        self._sender.begin("cases", len(self._plan.cases))
        file = bodies.cases_file(self._plan.cases, self._units)
        answer = await self._api.post_file(CASE_SYSTEM, "/v1/allocation/cases:batch", "application/x-ndjson", file)
        for line in answer["rejected"]:
            self._sender.refused_line("batch of cases", line)
        self._summary.sent["cases"] = answer["accepted"] + answer["unchanged"]
        self._sender.done(self._summary.sent["cases"])

    async def _send_other_work(self) -> None:
        self._sender.begin("other work", len(self._plan.responsibilities) + len(self._plan.reductions))
        await self._sender.each("responsibilities", self._plan.responsibilities, self._add_responsibility)
        await self._sender.each("reductions", self._plan.reductions, self._reduce)

    async def _add_responsibility(self, work: Responsibility) -> None:
        path = f"/v1/allocation/workers/{self._workers[work.person]}/responsibilities"
        await self._api.post(PSW, path, self._key("responsibility", work.person), bodies.responsibility_body(work))

    async def _reduce(self, less: Reduction) -> None:
        path = f"/v1/allocation/workers/{self._workers[less.person]}/reductions"
        await self._api.post(PSW, path, self._key("reduction", less.person), bodies.reduction_body(less))

    async def _send_allocations(self) -> None:
        """One person's cases in their order, so that the ones above the limit are those with a reason."""
        held = [case for case in self._plan.cases if case.holder]
        self._sender.begin("allocation", len(held))
        await self._side_by_side("allocations", _grouped(held, lambda case: str(case.holder)), self._allocate)

    async def _allocate(self, case: Case) -> None:
        manager = self._leader(self._people[case.holder or ""].manager)
        path = f"/v1/allocation/cases/{case.source}/{case.reference}/allocations"
        key = self._key("allocation", case.reference)
        await self._api.post(manager, path, key, bodies.allocation_body(case, self._workers))

    async def _send_closures(self) -> None:
        closed = [case for case in self._plan.cases if case.closed]
        self._sender.begin("closed cases", len(closed))
        await self._sender.each("closures", closed, self._close)

    async def _close(self, case: Case) -> None:
        path = f"/v1/allocation/cases/{case.source}/{case.reference}/close"
        day = self._plan.today - timedelta(days=1)
        body = {"closed_on": day.isoformat(), "reason": case.closed}
        await self._api.post(CASE_SYSTEM, path, self._key("close", case.reference), body)

    async def _send_contests(self) -> None:
        self._sender.begin("contested figures", len(self._plan.contests))
        await self._sender.each("contests", self._plan.contests, self._contest)

    async def _contest(self, contest: Contest) -> None:
        person, worker = self._people[contest.person], self._workers[contest.person]
        own = Bearer(("practitioner",), worker, self._units[person.unit])
        path = f"/v1/allocation/workers/{worker}/contests"
        opened = await self._api.post(own, path, self._key("contest", person.ref), {"text": contest.text})
        if contest.answer:
            body = {"answer": contest.answer, "upheld": True}
            path = f"{path}/{opened['contest_id']}/answer"
            await self._api.post(self._leader(person.manager), path, self._key("answer", person.ref), body)

    async def _begin_monitoring(self) -> None:
        """The last step, and the sign that all others were taken: the director's line says so."""
        self._sender.begin("monitoring begins", len(self._plan.people))
        await self._import(self._plan.people)
        self._sender.done(len(self._plan.people))

    async def _side_by_side(self, what: str, groups: Iterable[list[Thing]], send: Callable[[Thing], Any]) -> None:
        await asyncio.gather(*(self._sender.in_order(what, group, send) for group in groups))

    def _leader(self, ref: str | None) -> Bearer:
        """The token of someone who leads the unit that they belong to."""
        leader = self._people[ref or self._plan.director.ref]
        return Bearer(("team_manager",), self._workers[leader.ref], self._units[leader.unit])

    def _key(self, *about: object) -> str:
        return "-".join(["demo", self._plan.code, *map(str, about)])


def _grouped(things: Iterable[Thing], by: Callable[[Thing], str]) -> Iterable[list[Thing]]:
    groups: dict[str, list[Thing]] = defaultdict(list)
    for thing in things:
        groups[by(thing)].append(thing)
    return groups.values()
