"""The order in which ordinary requests make sense, and the little that a document does not say about them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.security.stage import NOW

TODAY = NOW.date().isoformat()
_LATER = (NOW + timedelta(days=60)).date().isoformat()
_CASE = "/v1/allocation/cases/{source}/{reference}"
_PLANS = "/v1/allocation/org-units/{org_unit_id}/contingency-plans"
_YEAR = "/v1/cpd/assessed-years/{assessed_year_id}"
_REFERRAL = "/v1/registration/referrals/{referral_id}"
_CAMPAIGN = "/v1/feedback/campaigns/{campaign_id}"
_ENGLISH = {"en": "What is good?"}
_QUESTIONS = [{"key": "good", "kind": "text", "text": _ENGLISH}]

FIRST: dict[str, tuple[tuple[str, str], ...]] = {
    "workforce": (
        ("POST", "/v1/workforce/org-units"),
        ("POST", "/v1/workforce/workers/{worker_id}/absences"),
        ("POST", "/v1/workforce/posts"),
    ),
    "allocation": (
        ("PUT", "/v1/allocation/policy"),
        ("PUT", _CASE),
        ("POST", _PLANS),
    ),
    "supervision": (
        ("POST", "/v1/supervision/sessions"),
        ("POST", "/v1/supervision/agreements"),
    ),
    "registration": (
        ("PUT", "/v1/registration/workers/{worker_id}"),
        ("POST", "/v1/registration/check-lists"),
        ("POST", "/v1/registration/referrals"),
        ("POST", f"{_REFERRAL}/people"),
        ("POST", f"{_REFERRAL}/decision"),
        ("POST", f"{_REFERRAL}/sent"),
        ("POST", f"{_REFERRAL}/requests"),
    ),
    "cpd": (
        ("PUT", "/v1/cpd/programmes/{programme}"),
        ("POST", "/v1/cpd/learning"),
        ("POST", "/v1/cpd/attachments"),
        ("PUT", "/v1/cpd/courses/{course_code}"),
        ("POST", "/v1/cpd/time-requests"),
        ("POST", "/v1/cpd/assessed-years"),
        ("PUT", "/v1/cpd/induction-items/{code}"),
        ("POST", "/v1/cpd/library"),
        ("PUT", "/v1/cpd/workers/{worker_id}/career"),
        ("POST", "/v1/cpd/workers/{worker_id}/career/steps"),
    ),
    "safety": (
        ("POST", "/v1/safety/anonymous-concerns"),
        ("POST", "/v1/safety/concerns"),
        ("POST", "/v1/safety/concerns/{concern_id}/identity-requests"),
        ("POST", "/v1/safety/incidents"),
        ("POST", "/v1/safety/visits"),
        ("POST", "/v1/safety/markers"),
        ("POST", "/v1/safety/provision-requests"),
    ),
    "feedback": (
        ("POST", "/v1/feedback/questionnaires"),
        ("POST", "/v1/feedback/campaigns"),
        ("POST", f"{_CAMPAIGN}/links"),
        ("POST", f"{_CAMPAIGN}/collected-answers"),
        ("POST", f"{_CAMPAIGN}/close"),
        ("POST", f"{_CAMPAIGN}/themes"),
        ("POST", f"{_CAMPAIGN}/actions"),
    ),
    "accountability": (),
}
"""What is made before anything is said about it, by service."""

SAID: dict[str, dict[str, Any]] = {
    "POST /v1/cpd/time-requests": {"hours": 3},
    "POST /v1/safety/concerns": {"mode": "confidential"},
    f"POST {_REFERRAL}/decision": {"serious": True},
    "POST /v1/workforce/workers": {"employee_ref": "a reference of its own"},
    "PUT /v1/registration/workers/{worker_id}/renewal": {"form_submitted_on": None, "fee_paid_on": None},
    "PUT /v1/accountability/response-times": {"kind": "workload.overloaded"},
    f"POST {_YEAR}/panel": {"decided_on": TODAY},
    "POST /v1/allocation/workers/{worker_id}/reductions": {"to": _LATER},
    "POST /v1/feedback/questionnaires": {"title": _ENGLISH, "languages": ["en"], "questions": _QUESTIONS},
    "POST /v1/feedback/campaigns": {"closes_on": _LATER},
    f"POST {_CAMPAIGN}/collected-answers": {"answers": {"good": "The tea."}},
    f"POST {_CAMPAIGN}/actions": {"due_on": _LATER},
    "POST /v1/feedback/actions/{action_id}/move": {"due_on": _LATER},
}
"""Fields by operation."""
