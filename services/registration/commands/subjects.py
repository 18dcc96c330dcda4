"""What registration holds about a person: how an access request shows it, and what an erasure takes away or keeps and why."""

from __future__ import annotations

from typing import LiteralString

from chassis.subjects import Section, SubjectRecords

# A referral that has neither ended nor been decided against protects the public as long as it runs.
_ENDED: LiteralString = "(outcome is not null or decision = 'not_refer')"
_LEFT: LiteralString = """
exists (select 1 from directory_workers d where d.worker_id = %(worker_id)s and d.left_on < %(today)s) and not %(name_needed)s
"""

RECORDS = SubjectRecords(
    needs_name="""select 'a referral to the regulator of ' || opened_on || ' that has not ended' as reason from referrals
        where worker_id = %(worker_id)s and outcome is null and decision is distinct from 'not_refer'""",
    sections=(
        Section(
            "lists and answers of the register",
            ("check_lists", "checks"),
            """select l.source, l.made_at, c.checked_on, line as said from check_lists l
                join entries e on e.worker_id = %(worker_id)s and e.number = any(l.numbers)
                left join checks c using (list_id)
                left join lateral jsonb_array_elements(c.lines) line on line ->> 'number' = e.number
            order by l.made_at, c.checked_on""",
            words=("said",),
            erase=(
                "update checks c set lines = coalesce((select jsonb_agg(line) from jsonb_array_elements(c.lines) line "
                "    where line ->> 'worker_id' is distinct from %(worker_id)s::text), '[]'), "
                "missing = array_remove(c.missing, e.number) from entries e "
                "where e.worker_id = %(worker_id)s and (e.number = any(c.missing) "
                "or c.lines @> jsonb_build_array(jsonb_build_object('worker_id', %(worker_id)s::text))) and " + _LEFT,
                "update check_lists l set numbers = array_remove(l.numbers, e.number) from entries e "
                "where e.worker_id = %(worker_id)s and e.number = any(l.numbers) and " + _LEFT,
            ),
            kept="While the employment lasts: the law asks the employer to know who is registered.",
        ),
        Section(
            "entry in the register and its history",
            ("entries", "entry_changes", "notes"),
            """select h.status, h.number, h.valid_to, h.annotations, h.checked_on, h.checked_by as how, h.changed_at,
                (select words from notes n where n.worker_id = h.worker_id and n.kind = 'conditions') as conditions
            from entry_changes h where h.worker_id = %(worker_id)s
            union all select status, number, valid_to, annotations || array(select v from jsonb_each_text(extra) x(k, v)),
                checked_on, checked_by, null, null from entries where worker_id = %(worker_id)s order by changed_at nulls last""",
            words=("conditions", "annotations"),
            erase=(
                "delete from notes where worker_id = %(worker_id)s and kind = 'conditions'",
                "update entry_changes set number = null, annotations = '{}' where worker_id = %(worker_id)s and "
                + _LEFT,
                "update entries set number = null, annotations = '{}', extra = '{}', version = version + 1 "
                "where worker_id = %(worker_id)s and " + _LEFT,
            ),
            kept="Number and annotations while the employment lasts; afterwards status and days under an id: whether designated "
            "posts were held by registered people can be shown for past years.",
        ),
        Section(
            "renewals and reminders",
            ("renewals", "cpd_readings", "reminders"),
            """select year_end, 'renewal' as what, form_on, fee_on, cpd_on, null::date as reminded_on from renewals
                where worker_id = %(worker_id)s
            union all select year_end, case when ready then 'learning recorded' else 'learning not recorded' end, null, null,
                null, null from cpd_readings where worker_id = %(worker_id)s
            union all select year_end, 'reminder', null, null, null, reminded_on from reminders
                where worker_id = %(worker_id)s order by year_end, what""",
            kept="Days under an id; on-time renewals of past years are counted from them.",
        ),
        Section(
            "referrals to the regulator about the person",
            ("referrals", "referral_steps", "referral_requests", "notes"),
            """select opened_on, serious, investigated_on, decision, decided_on, sent_on, outcome, outcome_on,
                (select jsonb_agg(jsonb_build_object('kind', kind, 'happened_on', happened_on) order by happened_on, step_id)
                 from referral_steps s where s.referral_id = r.referral_id) as steps,
                (select jsonb_agg(jsonb_build_object('asked_on', asked_on, 'due_on', due_on, 'answered_on', answered_on)
                    order by asked_on, request_id) from referral_requests q where q.referral_id = r.referral_id) as requests,
                'withheld: for those named on the referral to decide about' as words
            from referrals r where worker_id = %(worker_id)s order by opened_on, referral_id""",
            caution="Those named on a referral decide whether giving it out now would hinder the regulator (Data Protection Act "
            "2018, schedule 2, part 2).",
            erase=(
                "with ended as (select referral_id from referrals where worker_id = %(worker_id)s and " + _ENDED + ") "
                "delete from notes where about_id in (select referral_id from ended "
                "union select step_id from referral_steps join ended using (referral_id) "
                "union select request_id from referral_requests join ended using (referral_id))",
            ),
            kept="A referral that has not ended stays whole: the public is protected by it. Of one that has, days and outcome "
            "stay under an id.",
        ),
        Section(
            "referrals that the person is named on or decided",
            ("referral_members", "referrals"),
            """select r.opened_on, m.named_at, r.decided_by_id = %(worker_id)s as decided_it from referrals r
                left join referral_members m on m.referral_id = r.referral_id and m.worker_id = %(worker_id)s
            where m.worker_id is not null or r.decided_by_id = %(worker_id)s order by r.opened_on, r.referral_id""",
            kept="Ids without names: who may see a referral and who decided it belongs to the other person's case.",
        ),
        Section(
            "what other services told of the person",
            ("workers", "posts", "standings"),
            """select 'employed' as what, employment_started_on as from_on, employment_ended_on as to_on
                from workers where worker_id = %(worker_id)s
            union all select case when designated then 'holds a designated post' else 'holds a post' end, null, closed_on
                from posts where holder_id = %(worker_id)s
            union all select 'last looked at', settled_on, null from standings where worker_id = %(worker_id)s""",
            kept="Dates under an id, copied from what workforce published.",
        ),
    ),
    apart={"policies": "numbers of a unit"},
)
