"""What workforce holds about a person: how an access request shows it, and what an erasure takes away or keeps and why."""

from __future__ import annotations

from chassis.subjects import Section, SubjectRecords

RECORDS = SubjectRecords(
    sections=(
        Section(
            "worker record",
            ("workers",),
            """select name, email, employee_ref as employee_reference, job_role, career_stage, newly_qualified,
                is_social_worker, registration_number, is_agency, contracted_hours, org_unit_id, line_manager_id as line_manager,
                employment_started_on, employment_ended_on, monitored_from, recorded_at
            from workers where worker_id = %(worker_id)s""",
            others=("line_manager",),
            erase=(
                """update workers set name = 'Erased person', email = null, registration_number = null,
                    employee_ref = 'erased-' || worker_id, version = version + 1
                where worker_id = %(worker_id)s and employment_ended_on < %(today)s and not %(name_needed)s""",
            ),
            kept="While the employment lasts, or a record that the law asks for must name the person, name and contact stay: the "
            "contract and the law need them. Afterwards post, hours and dates stay under an id: rates of past years are "
            "counted from them.",
        ),
        Section(
            "terms of employment over time",
            ("worker_terms",),
            """select from_on, org_unit_id, contracted_hours, is_agency, is_social_worker from worker_terms
            where worker_id = %(worker_id)s order by from_on""",
            kept="Hours and dates under an id: vacancy, turnover and agency rates of past years are counted from them.",
        ),
        Section(
            "absences",
            ("absences", "notes"),
            """select a.from_on, a.to_on, a.kind, n.text as words from absences a left join notes n on n.about_id = a.absence_id
            where a.worker_id = %(worker_id)s order by a.from_on, a.absence_id""",
            words=("words",),
            erase=("delete from notes where worker_id = %(worker_id)s",),
            kept="Days and kind under an id: the absence rate is counted from them.",
        ),
        Section(
            "units that the person answered for",
            ("accountable_people",),
            """select org_unit_id, from_on from accountable_people where worker_id = %(worker_id)s
            order by from_on, org_unit_id""",
            kept="Who answered for a unit and when: every figure has someone against it. An id without a name.",
        ),
        Section(
            "posts that the person held",
            ("post_holdings", "posts"),
            """select p.job_role, p.fte, p.designated, h.from_on from post_holdings h join posts p using (post_id)
            where h.worker_id = %(worker_id)s order by h.from_on, h.post_id""",
            kept="From when a post was held, under an id: vacancies are counted from it.",
        ),
        Section(
            "number of cases held over time",
            ("case_holdings",),
            """select from_on, count(*) as cases_taken_on from case_holdings where worker_id = %(worker_id)s
            group by from_on order by from_on""",
            kept="Keys and dates without a case's reference: the average caseload is counted from them.",
        ),
        Section(
            "whether registration is in order",
            ("registrations",),
            "select breach as a_designated_post_is_held_without_registration from registrations where worker_id = %(worker_id)s",
            kept="A yes or no under an id, told by registration.",
        ),
    ),
    apart={"org_units": "teams and services, not people"},
)
