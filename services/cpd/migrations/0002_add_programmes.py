"""add the programmes of the assessed year that are known today."""

from __future__ import annotations

import json

from alembic import op
from sqlalchemy import text

revision = "0002"
down_revision = "0001"

REVIEWS = [
    {"month": 3, "required": True},
    {"month": 6, "required": True},
    {"month": 9, "required": False},
    {"month": 12, "required": True},
]
EVIDENCE = [
    {"item": "direct_observation", "title": "Direct observation of practice", "needed": 3},
    {"item": "feedback_from_people", "title": "Feedback from people with experience of social work", "needed": 3},
    {"item": "feedback_from_professionals", "title": "Feedback from other professionals", "needed": 3},
    {"item": "written_report", "title": "Report, record or other piece of professional writing", "needed": 3},
    {"item": "critical_reflection", "title": "Critical reflection, at 6 and at 12 months", "needed": 2},
]
# Name, title, first and last day of agreements, and whether it is announced only. The announced programme has the numbers of
# the present one until its own are published.
PROGRAMMES = [
    ("asye-child-and-family", "Assessed and supported year: child and family", "2012-09-01", "2027-08-31", False),
    ("asye-adults", "Assessed and supported year: adults", "2012-09-01", None, False),
    ("ecdp-child-and-family", "Early career development programme: child and family", "2027-09-01", None, True),
]


def upgrade() -> None:
    for programme, title, first, last, provisional in PROGRAMMES:
        op.get_bind().execute(
            text(
                "insert into programmes (programme, title, agreements_from, agreements_to, provisional, length_months,"
                " limit_months, reviews, evidence, protected_pct, workload_pct, set_at, set_by)"
                " values (:programme, :title, :first, :last, :provisional, 12, 24, cast(:reviews as jsonb),"
                " cast(:evidence as jsonb), 10, 90, timestamptz '2026-01-01 00:00+00', 'system:cpd')"
            ),
            {
                "programme": programme,
                "title": title,
                "first": first,
                "last": last,
                "provisional": provisional,
                "reviews": json.dumps(REVIEWS),
                "evidence": json.dumps(EVIDENCE),
            },
        )


def downgrade() -> None:
    op.execute("delete from programmes where set_by = 'system:cpd'")
