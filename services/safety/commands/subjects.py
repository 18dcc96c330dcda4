"""What safety holds about a person: how an access request shows it, and what an erasure takes away or keeps and why."""

from __future__ import annotations

from typing import LiteralString

from chassis.database import Tx
from chassis.ids import new_id
from chassis.subjects import Found, Person, Section, SubjectRecords
from services.safety.commands.receipts import hash_of
from services.safety.rules.visits import plain

_OWN: LiteralString = """
select concern_id, false as guarded from concerns where reporter_id = %(worker)s
union select concern_id, true from guarded_identities where worker_id = %(worker)s
union select concern_id, false from concern_receipts where receipt_hash = any(%(hashes)s::bytea[])
"""
_LOOK: LiteralString = """
insert into identity_looks (look_id, concern_id, looked_by, looked_by_id, looked_at)
values (%(look)s, %(concern)s, %(by)s, %(worker)s, %(now)s)
"""


async def find(tx: Tx, person: Person) -> Found:
    """The concerns that the person raised; that a protected identity was looked at for it is logged like any other look."""
    hashes = [await hash_of(receipt) for receipt in person.receipts]
    rows = await tx.fetch_all(_OWN, {"worker": person.worker_id, "hashes": hashes})
    looked = {"by": f"request of the person, answered by {person.by}", "worker": person.worker_id, "now": tx.now}
    for row in rows:
        if row["guarded"]:
            await tx.execute(_LOOK, {**looked, "look": new_id(), "concern": row["concern_id"]})
    return {"own": [row["concern_id"] for row in rows], "places": [plain(contact) for contact in person.contacts]}


RECORDS = SubjectRecords(
    find=find,
    needs_name="""select 'an incident of ' || occurred_on || ' that the law asks to record with the name (RIDDOR)' as reason
        from incidents where worker_id = %(worker_id)s and category <> 'none' and occurred_on + interval '3 years' > %(today)s""",
    sections=(
        Section(
            "concerns that the person raised",
            (
                "concerns",
                "concern_messages",
                "notes",
                "follow_ups",
                "concern_receipts",
                "guarded_identities",
                "identity_requests",
            ),
            """select c.topic, c.mode, c.received_on, c.acknowledged_on, c.assessed_on, c.answered_on, c.risk, c.outcome,
                (select jsonb_object_agg(kind, words) from notes where about_id = c.concern_id) as written,
                (select jsonb_agg(jsonb_build_object('from_reporter', from_reporter, 'sent_on', sent_on, 'words', words)
                                  order by number)
                 from concern_messages m where m.concern_id = c.concern_id) as conversation,
                (select jsonb_agg(jsonb_build_object('months', months, 'made_on', made_on, 'outcome', outcome) order by months)
                 from follow_ups f where f.concern_id = c.concern_id) as follow_ups
            from concerns c where c.concern_id = any(%(own)s) order by c.received_on, c.concern_id""",
            words=("written", "conversation"),
            caution="What was raised in confidence goes to the person alone, not through their line.",
            erase=(
                """delete from notes where about_id = any(%(own)s)
                    or about_id in (select request_id from identity_requests where concern_id = any(%(own)s))""",
                "delete from concern_messages where concern_id = any(%(own)s)",
                "delete from concern_receipts where concern_id = any(%(own)s)",
                "delete from guarded_identities where concern_id = any(%(own)s)",
                "update concerns set reporter_id = null where concern_id = any(%(own)s)",
            ),
            kept="Topic, days, risk and outcome without the person: how concerns are answered is counted from them.",
        ),
        Section(
            "concerns about the person",
            ("concerns", "notes", "concern_messages", "follow_ups"),
            """select topic, received_on, step as waiting_for, outcome,
                'withheld: the words of another person, for the concerns guardian to decide about' as words
            from concerns where subject_id = %(worker_id)s order by received_on, concern_id""",
            caution="The concerns guardian decides what can be given without pointing to whoever raised it.",
            erase=(
                """delete from notes where about_id in (select concern_id from concerns c where subject_id = %(worker_id)s
                    and step = 'done' and not exists (select 1 from follow_ups f where f.concern_id = c.concern_id
                                                      and made_on is null))""",
                """delete from concern_messages where concern_id in (select concern_id from concerns c
                    where subject_id = %(worker_id)s and step = 'done'
                    and not exists (select 1 from follow_ups f where f.concern_id = c.concern_id and made_on is null))""",
                """update concerns c set subject_id = null where subject_id = %(worker_id)s and step = 'done'
                    and not exists (select 1 from follow_ups f where f.concern_id = c.concern_id and made_on is null)""",
            ),
            kept="A concern that is not answered, or whose reporter is still asked after, stays whole: it protects others.",
        ),
        Section(
            "concerns that the person dealt with",
            ("concerns",),
            """select topic, received_on, step as waiting_for from concerns where handler_id = %(worker_id)s
            order by received_on, concern_id""",
            kept="An id without a name: who dealt with a concern is part of its history.",
        ),
        Section(
            "protected identities that the person asked for or looked at",
            ("identity_requests", "identity_looks", "notes"),
            """select 'asked' as what, asked_at as at, granted, n.words as reason from identity_requests r
                left join notes n on n.about_id = r.request_id and n.kind = 'reason' where r.asked_by_id = %(worker_id)s
            union all select 'looked', looked_at, null, null from identity_looks where looked_by_id = %(worker_id)s""",
            words=("reason",),
            kept="Who asked for a protected identity, why, and who looked: the log protects whoever raised the concern.",
        ),
        Section(
            "incidents that happened to the person",
            ("incidents", "notes", "protective_measures"),
            """select i.kind, i.by_whom, i.place, i.occurred_on, i.injury, i.unable_to, i.police_told, i.category, i.reported_on,
                i.risk, i.closed_on, (select jsonb_object_agg(kind, words) from notes where about_id = i.incident_id) as written,
                (select jsonb_agg(jsonb_build_object('agreed_on', agreed_on, 'review_on', review_on, 'ended_on', ended_on,
                    'words', (select jsonb_object_agg(kind, words) from notes where about_id = m.measure_id))
                    order by agreed_on, measure_id)
                 from protective_measures m where m.incident_id = i.incident_id) as protective_measures
            from incidents i where i.worker_id = %(worker_id)s order by i.occurred_on, i.incident_id""",
            words=("written", "protective_measures"),
            erase=(
                """delete from notes where about_id in (
                    select incident_id from incidents where worker_id = %(worker_id)s
                        and (category = 'none' or occurred_on + interval '3 years' <= %(today)s)
                    union select measure_id from protective_measures m join incidents i using (incident_id)
                    where i.worker_id = %(worker_id)s
                        and (category = 'none' or occurred_on + interval '3 years' <= %(today)s))""",
            ),
            kept="What the law asks to report or to record stays whole for three years (RIDDOR 2013, regulation 12). Of other "
            "incidents the words go; kind, place and days stay under an id.",
        ),
        Section(
            "protective measures that the person looks after",
            ("protective_measures",),
            """select agreed_on, review_on, reviewed_on, ended_on from protective_measures where owner_id = %(worker_id)s
            order by agreed_on, measure_id""",
            kept="An id without a name: a measure that protects someone must have an owner.",
        ),
        Section(
            "lone visits",
            ("visits", "addresses", "notes"),
            """select case when v.worker_id = %(worker_id)s then 'made it' else 'was a contact' end as relation, v.planned_at,
                v.expected_back_at, v.state, v.missed_at, v.checked_in_at, v.closed_at,
                case when a.address is not null then 'withheld: the address of someone else' end as address,
                case when v.worker_id = %(worker_id)s then n.words end as how_it_was_closed
            from visits v left join addresses a on a.about_id = v.visit_id
                left join notes n on n.about_id = v.visit_id and n.kind = 'closing'
            where v.worker_id = %(worker_id)s or %(worker_id)s = any(v.chain) or v.closed_by_id = %(worker_id)s
            order by v.planned_at, v.visit_id""",
            words=("how_it_was_closed",),
            erase=(
                """delete from notes where about_id in (select visit_id from visits where worker_id = %(worker_id)s
                    and state in ('back', 'closed', 'cancelled'))""",
                """delete from addresses where about_id in (select visit_id from visits where worker_id = %(worker_id)s
                    and state in ('back', 'closed', 'cancelled'))""",
            ),
            kept="Times of visits under an id. A visit that is not over keeps its address: somebody may have to go there.",
        ),
        Section(
            "requests for what the work needs",
            ("provision_requests", "notes"),
            """select r.item, r.asked_on, r.answered_on, r.answer,
                (select jsonb_object_agg(kind, words) from notes where about_id = r.request_id) as written
            from provision_requests r where r.worker_id = %(worker_id)s order by r.asked_on, r.request_id""",
            words=("written",),
            erase=(
                """delete from notes where about_id in (select request_id from provision_requests
                    where worker_id = %(worker_id)s)""",
            ),
            kept="That something was asked for and how long it took, under an id.",
        ),
        Section(
            "statements that the person signed",
            ("attestations", "notes"),
            """select t.clause, t.attested_on, t.valid_to, t.holds, n.words as evidence from attestations t
                left join notes n on n.about_id = t.attestation_id and n.kind = 'evidence'
            where t.attested_by_id = %(worker_id)s order by t.attested_on, t.attestation_id""",
            words=("evidence",),
            kept="The employer's own statement that a clause holds, with its evidence: signed under an id, about no person.",
        ),
        Section(
            "markers of an address",
            ("address_markers", "addresses", "notes"),
            """select m.kind, m.marked_on, m.review_on, m.ended_on, a.address, n.words from address_markers m
                join addresses a on a.about_id = m.marker_id
                left join notes n on n.about_id = m.marker_id and n.kind = 'marker'
            where a.plain = any(%(places)s) order by m.marked_on, m.marker_id""",
            words=("words",),
            caution="A marker may rest on what a worker or a third person said: the team that set it decides with the guardian.",
            erase=(
                """delete from notes where about_id in (select a.about_id from addresses a join address_markers m
                    on m.marker_id = a.about_id where a.plain = any(%(places)s) and m.ended_on is not null)""",
            ),
            kept="A marker in force stays until its day of review: it warns whoever visits. Its address goes when it ends.",
        ),
    ),
    apart={
        "policies": "numbers of a unit",
        "provision_checks": "what a team has; the evidence is about rooms and tools",
        "case_marks": "keys of cases and a yes or no",
    },
)
