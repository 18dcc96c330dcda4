"""What cpd holds about a person: how an access request shows it, and what an erasure takes away or keeps and why."""

from __future__ import annotations

from chassis.subjects import Section, SubjectRecords

RECORDS = SubjectRecords(
    files="""select a.stored_as, coalesce(n.text, a.attachment_id::text) as name from attachments a
            left join notes n on n.about_id = a.attachment_id and n.about = 'file_name'
        where a.worker_id = %(worker_id)s order by a.attachment_id""",
    sections=(
        Section(
            "learning log",
            ("learnings", "notes"),
            """select l.kind, l.done_on, l.peer_role, l.withdrawn_at,
                (select jsonb_object_agg(about, text) from notes where about_id = l.learning_id) as written
            from learnings l where l.worker_id = %(worker_id)s order by l.done_on, l.learning_id""",
            words=("written",),
            erase=(
                "delete from notes where about_id in (select learning_id from learnings where worker_id = %(worker_id)s)",
                "update learnings set fingerprint = learning_id::text where worker_id = %(worker_id)s",
            ),
            kept="That there was learning, of which kind and when, under an id: the measure of learning is counted from it.",
        ),
        Section(
            "files of the learning log",
            ("attachments", "notes"),
            """select a.content_type, a.bytes, a.added_at, n.text as file_name from attachments a
                left join notes n on n.about_id = a.attachment_id and n.about = 'file_name'
            where a.worker_id = %(worker_id)s order by a.attachment_id""",
            words=("file_name",),
            erase=(
                "delete from notes where about_id in (select attachment_id from attachments where worker_id = %(worker_id)s)",
                "delete from attachments where worker_id = %(worker_id)s",
            ),
        ),
        Section(
            "time and money for learning",
            ("time_requests", "balances", "notes"),
            """select r.for_on, r.hours, r.cost, r.status, r.cause, r.requested_at, r.decided_at,
                (select jsonb_object_agg(about, text) from notes where about_id = r.request_id) as written
            from time_requests r where r.worker_id = %(worker_id)s
            union all select year_end, taken_hours, null, 'balance of the year', null, null, null, null from balances
                where worker_id = %(worker_id)s order by for_on""",
            words=("written",),
            erase=(
                "delete from notes where about_id in (select request_id from time_requests where worker_id = %(worker_id)s)",
            ),
            kept="Hours, days and outcome under an id: what was asked for and given is counted from them.",
        ),
        Section(
            "assessed and supported year",
            (
                "assessed_years",
                "assessed_year_pauses",
                "assessed_year_reviews",
                "assessed_year_evidences",
                "evidence_pieces",
                "notes",
            ),
            """select y.programme, y.started_on, y.agreed_on, y.status, y.outcome, y.recommended, y.ended_on,
                y.assessor_id as assessor,
                (select jsonb_agg(jsonb_build_object('month', month, 'held_on', held_on, 'progress', progress) order by month)
                 from assessed_year_reviews v where v.assessed_year_id = y.assessed_year_id) as reviews,
                (select jsonb_agg(jsonb_build_object('from_on', from_on, 'resumed_on', resumed_on, 'cause', cause)
                    order by from_on)
                 from assessed_year_pauses p where p.assessed_year_id = y.assessed_year_id) as pauses,
                (select jsonb_agg(jsonb_build_object('item', e.title, 'needed', e.needed, 'done_on',
                    (select jsonb_agg(done_on order by done_on) from evidence_pieces c
                     where c.assessed_year_id = e.assessed_year_id and c.item = e.item)) order by e.place)
                 from assessed_year_evidences e where e.assessed_year_id = y.assessed_year_id) as evidence,
                (select jsonb_agg(jsonb_build_object(n.about, n.text) order by n.about) from notes n where n.about_id in (
                    select y.assessed_year_id
                    union select review_id from assessed_year_reviews where assessed_year_id = y.assessed_year_id
                    union select pause_id from assessed_year_pauses where assessed_year_id = y.assessed_year_id
                    union select piece_id from evidence_pieces where assessed_year_id = y.assessed_year_id)) as written
            from assessed_years y where y.worker_id = %(worker_id)s order by y.started_on""",
            others=("assessor",),
            words=("written",),
            erase=(
                """delete from notes where worker_id = %(worker_id)s and about_id in (
                    select assessed_year_id from assessed_years where worker_id = %(worker_id)s
                    union select review_id from assessed_year_reviews join assessed_years using (assessed_year_id)
                        where worker_id = %(worker_id)s
                    union select pause_id from assessed_year_pauses join assessed_years using (assessed_year_id)
                        where worker_id = %(worker_id)s
                    union select piece_id from evidence_pieces join assessed_years using (assessed_year_id)
                        where worker_id = %(worker_id)s)""",
            ),
            kept="Days, progress and outcome under an id: that the year was passed must be shown to later employers and to "
            "whoever funds it.",
        ),
        Section(
            "years that the person assessed",
            ("assessed_years",),
            """select programme, started_on, status, worker_id as assessed from assessed_years where assessor_id = %(worker_id)s
            order by started_on, assessed_year_id""",
            others=("assessed",),
            kept="They belong to the record of the person who was assessed.",
        ),
        Section(
            "career plan",
            ("career_plans", "career_steps", "notes"),
            """select p.stage, p.aspires_to, p.review_due_on, null::date as due_on, null::date as done_on,
                (select jsonb_object_agg(about, text) from notes where about_id = p.plan_id) as written
            from career_plans p where p.worker_id = %(worker_id)s
            union all select 'step', null, null, s.due_on, s.done_on,
                (select jsonb_object_agg(about, text) from notes where about_id = s.step_id)
            from career_steps s where s.worker_id = %(worker_id)s""",
            words=("written",),
            erase=(
                """delete from notes where about_id in (select plan_id from career_plans where worker_id = %(worker_id)s
                    union select step_id from career_steps where worker_id = %(worker_id)s)""",
                "delete from career_steps where worker_id = %(worker_id)s",
                "delete from career_plans where worker_id = %(worker_id)s",
            ),
        ),
        Section(
            "courses completed",
            ("completions",),
            """select course_code, completed_on, hours, source from completions where worker_id = %(worker_id)s
            order by completed_on, course_code""",
            kept="Course and day under an id: that people were trained is shown to the regulator and the insurer.",
        ),
        Section(
            "accounts of learning systems",
            ("learner_accounts",),
            """select home_page, account from learner_accounts
            where worker_id = %(worker_id)s or lower(account) = any(%(contacts)s)""",
            erase=(
                "delete from learner_accounts where worker_id = %(worker_id)s or lower(account) = any(%(contacts)s)",
            ),
        ),
        Section(
            "statements of learning systems",
            ("statements",),
            "select received_at from statements where worker_id = %(worker_id)s order by received_at",
            kept="The id of a statement and a hash of it, so that the same statement sent again is known.",
        ),
        Section(
            "induction",
            ("induction_marks", "induction_items"),
            """select i.title, m.done_on from induction_marks m join induction_items i using (item_id)
            where m.worker_id = %(worker_id)s order by m.done_on, i.title""",
            kept="Which part of the induction was done when, under an id.",
        ),
        Section(
            "statements that the person signed",
            ("attestations",),
            """select clause, stated_on, statement, evidence, review_due_on from attestations where stated_by_id = %(worker_id)s
            order by stated_on, attestation_id""",
            words=("statement", "evidence"),
            kept="The employer's own statement that a clause holds, with its evidence: signed under an id, about no person.",
        ),
        Section(
            "readings of registration years and facts of workforce",
            ("readings", "workers"),
            """select year_end, ready, pieces, with_peer_reflection, null as job_role from readings
                where worker_id = %(worker_id)s
            union all select employment_ended_on, null, null, null, job_role from workers where worker_id = %(worker_id)s
            order by year_end""",
            kept="Numbers and dates under an id: the measure of learning is counted from them.",
        ),
        Section(
            "other words kept about the person",
            ("notes",),
            "select about, text as words from notes where worker_id = %(worker_id)s order by about, about_id",
            words=("words",),
            erase=("delete from notes where worker_id = %(worker_id)s",),
        ),
    ),
    apart={
        "programmes": "programmes of the assessed year, about nobody",
        "courses": "courses, about nobody",
        "entitlements": "hours and money by role",
        "library_entries": "research and guidance, published works",
    },
)
