"""Sends registration, learning and safety of a plan, once every service knows whom they are about."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from plumbline.simulate.api import Api, Bearer
from plumbline.simulate.plan import Concern, Entry, Incident, Learning, Plan, Provision, Unit, Year
from plumbline.simulate.sending import Sender

PSW = Bearer(("principal_social_worker",))
ENTITLED_HOURS = 37
RENEWAL_BEGINS = (9, 1)


class UpkeepDriver:
    """The upkeep of one plan on its way; ``units`` and ``workers`` are the ids by reference."""

    def __init__(
        self, api: Api, plan: Plan, sender: Sender, units: Mapping[str, str], workers: Mapping[str, str]
    ) -> None:
        self._api, self._plan, self._sender = api, plan, sender
        self._units, self._workers = units, workers
        self._people = {person.ref: person for person in plan.people}

    async def run(self) -> None:
        """Everything; what one of them concerns does not depend on another."""
        upkeep = self._plan.upkeep
        learning = [f"/v1/cpd/workers/{self._workers[one.person]}/entitlement" for one in upkeep.learnings]
        registration = [f"/v1/registration/workers/{self._workers[one.person]}" for one in upkeep.entries]
        self._sender.begin("learning and register know", len(learning) + len(registration))
        await self._sender.until_known(PSW, [*learning, *registration])
        self._sender.begin("registration", len(upkeep.entries))
        await self._sender.each("registrations", upkeep.entries, self._register)
        self._sender.begin("learning", len(upkeep.learnings) + len(upkeep.years) + 1)
        await self._sender.each("entitlements", [self._plan.units[0]], self._entitle)
        await self._sender.each("learning", upkeep.learnings, self._learn)
        await self._sender.each("assessed years", upkeep.years, self._assess)
        self._sender.begin("safety", len(upkeep.incidents) + len(upkeep.concerns) + len(upkeep.provision))
        await self._sender.each("incidents", upkeep.incidents, self._report)
        await self._sender.each("concerns", upkeep.concerns, self._raise)
        await self._sender.each("provision checks", upkeep.provision, self._check)

    async def _register(self, entry: Entry) -> None:
        worker = self._workers[entry.person]
        body = {"number": entry.number, "status": entry.status, "valid_to": entry.valid_to.isoformat()}
        await self._api.put(PSW, f"/v1/registration/workers/{worker}", body)
        if entry.filed:
            day = max(date(entry.valid_to.year, *RENEWAL_BEGINS), self._plan.today - timedelta(days=6)).isoformat()
            parts = {"form_submitted_on": day, "fee_paid_on": day}
            await self._api.put(PSW, f"/v1/registration/workers/{worker}/renewal", parts)

    async def _entitle(self, unit: Unit) -> None:
        body = {"org_unit_id": self._units[unit.ref], "hours_per_year": ENTITLED_HOURS}
        more = {"effective_from": self._plan.policy["effective_from"], "budget_per_year": 400, "pro_rata": True}
        await self._api.put(PSW, "/v1/cpd/entitlements", {**body, **more})

    async def _learn(self, learning: Learning) -> None:
        body = {
            "worker_id": self._workers[learning.person],
            "kind": "formal" if learning.peer_added is None else "informal",
            "done_at": f"{learning.on.isoformat()}T15:00:00+00:00",
            "description": learning.description,
            "learned": learning.learned,
            "impact": learning.learned,
        }
        if learning.peer_added:
            body |= {"peer_role": "peer", "peer_added": learning.peer_added}
        key = self._key("learning", learning.person, learning.description)
        await self._api.post(self._own(learning.person), "/v1/cpd/learning", key, body)

    async def _assess(self, year: Year) -> None:
        started_on = self._people[year.person].started_on.isoformat()
        body = {"worker_id": self._workers[year.person], "assessor_id": self._workers[year.assessor]}
        terms = {"programme": year.programme, "started_on": started_on, "agreed_on": started_on}
        path = "/v1/cpd/assessed-years"
        agreed = await self._api.post(PSW, path, self._key("year", year.person), {**body, **terms})
        for month, held_on in year.reviews:
            review = {"month": month, "held_on": held_on.isoformat(), "progress": "on_track"}
            key = self._key("review", year.person, month)
            await self._api.post(PSW, f"{path}/{agreed['assessed_year_id']}/reviews", key, review)

    async def _report(self, incident: Incident) -> None:
        body = {
            "worker_id": self._workers[incident.person],
            "kind": incident.kind,
            "by_whom": "family_member",
            "place": incident.place,
            "occurred_on": incident.on.isoformat(),
            "injury": "minor" if incident.kind == "physical_violence" else "none",
            "words": incident.words,
        }
        key = self._key("incident", incident.person)
        await self._api.post(self._own(incident.person), "/v1/safety/incidents", key, body)

    async def _raise(self, concern: Concern) -> None:
        body = {"mode": concern.mode, "topic": concern.topic, "words": concern.words}
        await self._api.post(
            self._own(concern.person), "/v1/safety/concerns", self._key("concern", concern.person), body
        )

    async def _check(self, found: Provision) -> None:
        body = {"org_unit_id": self._units[found.unit], "state": found.state}
        await self._api.put(PSW, f"/v1/safety/provision/{found.item}", body)

    def _own(self, ref: str) -> Bearer:
        return Bearer(("practitioner",), self._workers[ref], self._units[self._people[ref].unit])

    def _key(self, *about: object) -> str:
        return "-".join(["demo", self._plan.code, *map(str, about)])
