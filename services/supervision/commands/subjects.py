"""What supervision holds about a person: how an access request shows it, and what an erasure takes away or keeps and why."""

from __future__ import annotations

from chassis.subjects import Section, SubjectRecords

_RETENTION = "Supervision files are kept for 25 years: days, length, kind and outcome stay for so long under an id; the words go."

RECORDS = SubjectRecords(
    sections=(
        Section(
            "supervision sessions",
            ("sessions", "notes"),
            """select s.held_at, s.minutes, s.kind, s.stream, s.uninterrupted, s.reflective, s.supervisor_id as supervisor,
                s.quality_by_worker, s.quality_by_supervisor, s.cancel_reason, s.rebooked_for, n.text as why_cancelled
            from sessions s left join notes n on n.about_id = s.session_id and n.about = 'cancellation'
            where s.worker_id = %(worker_id)s order by s.held_at, s.session_id""",
            others=("supervisor",),
            words=("why_cancelled",),
            erase=("delete from notes where worker_id = %(worker_id)s and about = 'cancellation'",),
            kept=_RETENTION,
        ),
        Section(
            "sessions that the person gave as a supervisor",
            ("sessions",),
            """select held_at, minutes, kind, stream, worker_id as supervised, quality_by_supervisor from sessions
            where supervisor_id = %(worker_id)s order by held_at, session_id""",
            others=("supervised",),
            kept="They belong to the file of the person who was supervised.",
        ),
        Section(
            "actions agreed in supervision",
            ("agreed_actions", "notes"),
            """select a.due_on, a.closed_on, a.outcome, n.text as action from agreed_actions a
                left join notes n on n.about_id = a.action_id and n.about = 'action'
            where a.worker_id = %(worker_id)s order by a.action_id""",
            words=("action",),
            erase=("delete from notes where worker_id = %(worker_id)s and about = 'action'",),
            kept=_RETENTION,
        ),
        Section(
            "supervision agreements",
            ("agreements", "notes"),
            """select case when a.worker_id = %(worker_id)s then 'supervised' else 'supervisor' end as relation, a.stream,
                a.agreed_on, a.review_due_on, a.ended_on, case when a.worker_id = %(worker_id)s then n.text end as terms
            from agreements a left join notes n on n.about_id = a.agreement_id and n.about = 'agreement'
            where a.worker_id = %(worker_id)s or a.supervisor_id = %(worker_id)s order by a.agreed_on, a.agreement_id""",
            words=("terms",),
            erase=("delete from notes where worker_id = %(worker_id)s and about = 'agreement'",),
            kept=_RETENTION,
        ),
        Section(
            "training as a supervisor",
            ("trainings", "notes"),
            """select t.completed_on, n.text as words from trainings t
                left join notes n on n.about_id = t.training_id and n.about = 'training'
            where t.worker_id = %(worker_id)s order by t.completed_on""",
            words=("words",),
            erase=("delete from notes where worker_id = %(worker_id)s",),
            kept="The day of the training under an id: sessions of others count by it.",
        ),
        Section(
            "required periods and how they were judged",
            ("judgements", "standings"),
            """select stream, period_start, period_end, cadence, outcome, judged_at, restated_at from judgements
                where worker_id = %(worker_id)s
            union all select 'next look', next_look_on, null, cadence, null, null, null from standings
                where worker_id = %(worker_id)s order by period_start""",
            kept="Dates and outcomes under an id: the on-time rate of past years is counted from them.",
        ),
        Section(
            "what other services told of the person",
            ("workers", "worker_facts", "absences"),
            """select 'employed' as what, employment_started_on as from_on, employment_ended_on as to_on,
                null::uuid as line_manager
                from workers where worker_id = %(worker_id)s
            union all select case when newly_qualified then 'newly qualified' else 'qualified' end, from_on, null, line_manager_id
                from worker_facts where worker_id = %(worker_id)s
            union all select 'absent', from_on, to_on, null from absences where worker_id = %(worker_id)s""",
            others=("line_manager",),
            kept="Dates under an id, copied from what workforce published.",
        ),
    ),
    apart={"policies": "numbers of a unit"},
)
