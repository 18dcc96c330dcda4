"""What allocation holds about a person: how an access request shows it, and what an erasure takes away or keeps and why."""

from __future__ import annotations

from chassis.subjects import Section, SubjectRecords

RECORDS = SubjectRecords(
    sections=(
        Section(
            "cases held",
            ("allocations", "cases", "notes"),
            """select c.case_type, c.complexity, a.allocated_on, a.ended_on, a.end_kind, a.points, a.overridden,
                (select jsonb_object_agg(kind, words) from notes where about_id = a.allocation_id) as written
            from allocations a join cases c using (case_id)
            where a.worker_id = %(worker_id)s order by a.allocated_on, a.allocation_id""",
            words=("written",),
            erase=(
                """delete from notes where worker_id = %(worker_id)s
                    and about_id in (select allocation_id from allocations where worker_id = %(worker_id)s)""",
            ),
            kept="Which case was held from when until when, under an id: a child's record must say who was responsible. The "
            "case's reference is not shown: it leads to someone else.",
        ),
        Section(
            "reductions of the workload",
            ("reductions", "notes"),
            """select r.hours, r.from_on, r.to_on, r.deleted_at, n.words as reason from reductions r
                left join notes n on n.about_id = r.reduction_id
            where r.worker_id = %(worker_id)s order by r.from_on, r.reduction_id""",
            words=("reason",),
            erase=(
                """delete from notes where about_id in (select reduction_id from reductions where worker_id = %(worker_id)s)""",
            ),
            kept="Hours and dates under an id: past workloads explain themselves by them.",
        ),
        Section(
            "responsibilities beside cases",
            ("responsibilities", "notes"),
            """select r.points, r.from_on, r.to_on, n.words as description from responsibilities r
                left join notes n on n.about_id = r.responsibility_id
            where r.worker_id = %(worker_id)s order by r.from_on, r.responsibility_id""",
            words=("description",),
            erase=(
                """delete from notes where about_id in (select responsibility_id from responsibilities
                    where worker_id = %(worker_id)s)""",
            ),
            kept="Points and dates under an id: past workloads explain themselves by them.",
        ),
        Section(
            "contested figures",
            ("contests", "notes"),
            """select c.opened_on, c.available_points, c.load_points, c.upheld, c.answered_on,
                (select jsonb_object_agg(kind, words) from notes where about_id = c.contest_id) as written
            from contests c where c.worker_id = %(worker_id)s order by c.opened_on, c.contest_id""",
            words=("written",),
            erase=(
                "delete from notes where about_id in (select contest_id from contests where worker_id = %(worker_id)s)",
            ),
            kept="That a figure was contested and what came of it, under an id.",
        ),
        Section(
            "contingency plans",
            ("contingency_plans", "notes"),
            """select case when p.worker_id = %(worker_id)s then 'is about the person' else 'sees to it' end as relation,
                p.agreed_on, p.review_on, p.ended_on, p.steps, n.words as plan
            from contingency_plans p left join notes n on n.about_id = p.plan_id
            where p.worker_id = %(worker_id)s or p.owner_id = %(worker_id)s order by p.agreed_on, p.plan_id""",
            words=("plan",),
            erase=(
                "delete from notes where about_id in (select plan_id from contingency_plans where worker_id = %(worker_id)s)",
            ),
            kept="Steps and days of a plan under ids. The words of a plan that the person only saw to are about the unit.",
        ),
        Section(
            "skills",
            ("worker_skills",),
            "select skills from worker_skills where worker_id = %(worker_id)s",
            erase=(
                """delete from worker_skills s using directory_workers d
                where s.worker_id = %(worker_id)s and d.worker_id = s.worker_id and d.left_on < %(today)s""",
            ),
            kept="While the employment lasts: cases are offered by them.",
        ),
        Section(
            "workload over time",
            ("workload_readings", "workload_states"),
            """select read_on, available_points, load_points, band, overloaded from workload_readings
                where worker_id = %(worker_id)s
            union all select as_of, available_points, load_points, band, overloaded from workload_states
                where worker_id = %(worker_id)s order by read_on""",
            kept="Numbers under an id: measures and alerts can be opened down to them.",
        ),
        Section(
            "what other services told of the person",
            ("workers", "worker_facts", "cadences", "protected_times", "assessed_years", "registrations", "absences"),
            """select 'employed' as what, employment_started_on as from_on, employment_ended_on as to_on, null::numeric as amount
                from workers where worker_id = %(worker_id)s
            union all select 'contracted hours, ' || career_stage, from_on, null, contracted_hours from worker_facts
                where worker_id = %(worker_id)s
            union all select 'supervision ' || cadence || ', minutes', from_on, null, minutes_per_session from cadences
                where worker_id = %(worker_id)s
            union all select 'protected hours a week', from_on, null, hours_per_week from protected_times
                where worker_id = %(worker_id)s
            union all select 'assessed year, percent of the workload', started_on, ended_on, workload_pct from assessed_years
                where worker_id = %(worker_id)s
            union all select 'absent', from_on, to_on, null from absences where worker_id = %(worker_id)s
            union all select case when refused then 'may hold no cases' when conditions then 'registered with conditions'
                else 'registration in order' end, null, null, null from registrations where worker_id = %(worker_id)s""",
            kept="Numbers and dates under an id, copied from what others published; past workloads explain themselves by them.",
        ),
    ),
    apart={
        "policies": "numbers of a unit",
        "case_key_secrets": "a secret, about nobody",
        "case_history": "type and complexity of a case by its id",
        "case_marks": "keys of cases and a yes or no",
    },
)
