"""What accountability holds about a person: how an access request shows it, and what an erasure takes away or keeps and why."""

from __future__ import annotations

from chassis.subjects import Section, SubjectRecords

RECORDS = SubjectRecords(
    sections=(
        Section(
            "alerts about the person",
            ("alerts", "alert_notes"),
            """select a.kind, a.clause, a.severity, a.status, a.raised_at, a.resolved_at,
                (select jsonb_agg(jsonb_build_object('written_at', written_at, 'note', note) order by note_id)
                 from alert_notes n where n.alert_id = a.alert_id) as written
            from alerts a where a.worker_id = %(worker_id)s
            order by a.raised_at, a.alert_id""",
            words=("written",),
            erase=(
                "delete from alert_notes n using alerts a where a.alert_id = n.alert_id and a.worker_id = %(worker_id)s",
            ),
            kept="Kind, days and level of an alert under an id: that the employer answered for what went wrong must be shown.",
        ),
        Section(
            "alerts that the person answered for",
            ("alerts", "notifications"),
            """select a.kind, a.status, a.level, a.raised_at, a.due_at, a.acknowledged_at, n.status as told,
                n.finished_at as told_at
            from alerts a left join notifications n on n.alert_id = a.alert_id and n.recipient_id = %(worker_id)s
            where a.accountable_worker_id = %(worker_id)s or n.recipient_id = %(worker_id)s
            order by a.raised_at, a.alert_id, n.notification_id""",
            erase=(
                "update notifications set last_problem = '' where recipient_id = %(worker_id)s and last_problem <> ''",
            ),
            kept="Who answered for an alert and was told of it, under an id.",
        ),
        Section(
            "events about the person",
            ("log",),
            """select position, type, time from log where subject = %(worker_id)s::text
                or position(%(worker_id)s::text in data::text) > 0 order by position""",
            kept="Events carry ids, facts and numbers only, and the log is chained: they stay, here and in the topics.",
        ),
        Section(
            "what figures count of the person",
            ("contributions",),
            """select series, on_date, amounts from contributions
            where key = %(worker_id)s::text or starts_with(key, %(worker_id)s::text || '|') order by series, on_date""",
            kept="Numbers under an id, folded from the log: every figure can be opened to them.",
        ),
        Section(
            "whether the person is a principal social worker",
            ("principal_social_workers",),
            "select 'principal social worker' as job from principal_social_workers where worker_id = %(worker_id)s",
            kept="An id, folded from the log; where alerts go was decided by it.",
        ),
    ),
    apart={
        "log_head": "where the log ends",
        "figures": "sums over many people",
        "response_times": "hours of a unit",
    },
)
