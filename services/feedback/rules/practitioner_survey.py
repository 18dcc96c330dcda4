"""The yearly survey of practitioners, two statements for each standard, in our own words (clauses 1.2 and 1.6)."""

from __future__ import annotations

from typing import Any

_AGREEMENT = ("Strongly disagree", "Disagree", "Neither agree nor disagree", "Agree", "Strongly agree")
_EASY_AGREEMENT = ("No, not at all", "No", "Not sure", "Yes", "Yes, very much")
_STATEMENTS: tuple[tuple[int, str, str], ...] = (
    (1, "My employer listens to social workers and acts on what they say.", "My employer listens to me."),
    (1, "I know who answers for good social work practice here.", "I know who is in charge of good practice."),
    (2, "My team has the posts and the skills that its work needs.", "My team has enough people."),
    (2, "My employer plans ahead for the social workers it will need.", "My employer plans ahead."),
    (3, "Work is shared out fairly and after talking with me.", "Work is shared out fairly."),
    (3, "My workload can be managed in the hours I work.", "I have enough time for my work."),
    (4, "I am safe at work, and can raise a concern without harm to myself.", "I am safe at work."),
    (4, "I have the space, the tools and the support that my work needs.", "I have what I need for my work."),
    (5, "My supervision is regular, long enough and not interrupted.", "I have regular supervision."),
    (5, "My supervision helps me to reflect on my practice.", "Supervision helps me think."),
    (6, "I get the time that I am entitled to for learning.", "I get time to learn."),
    (6, "What I learn changes how I practise.", "Learning changes what I do."),
    (7, "My employer supports me to keep my registration.", "I get help to stay registered."),
    (7, "I know when a matter is to be referred to the regulator, and when not.", "I know when to tell the regulator."),
    (8, "My employer works well with universities and other partners.", "We work well with universities."),
    (8, "Students who are placed here learn well.", "Students learn well here."),
)
_NUMBERS: tuple[tuple[str, str, str], ...] = (
    ("hours_worked", "How many hours do you work in a usual week?", "How many hours do you work in a week?"),
    ("caseload", "How many cases do you hold today?", "How many cases do you have?"),
    ("new_cases", "How many new cases do you expect in the next month?", "How many new cases next month?"),
)


def survey() -> dict[str, Any]:
    """The survey as a questionnaire, in plain and in easy English."""
    statements = [
        {
            "key": f"s{standard}_{number % 2 + 1}",
            "kind": "scale",
            "scale": "agreement",
            "standard": standard,
            "text": _both(text, easy),
        }
        for number, (standard, text, easy) in enumerate(_STATEMENTS)
    ]
    numbers = [{"key": key, "kind": "number", "text": _both(text, easy)} for key, text, easy in _NUMBERS]
    words = {"key": "change", "kind": "text", "text": _both("What is the one thing to change?", "What should change?")}
    labels = [_both(label, easy) for label, easy in zip(_AGREEMENT, _EASY_AGREEMENT, strict=True)]
    return {
        "key": "practitioner-survey",
        "title": _both("How is it to work here?", "How is your work?"),
        "introduction": _both(
            "Your answers carry no name. Nothing is shown about fewer than five people, nor published about fewer than ten.",
            "We do not ask for your name. You can leave questions out.",
        ),
        "languages": ["en", "en-x-easy"],
        "scales": {"agreement": {"labels": labels, "values": None}},
        "questions": [*statements, *numbers, words],
    }


def _both(plain: str, easy: str) -> dict[str, str]:
    return {"en": plain, "en-x-easy": easy}
