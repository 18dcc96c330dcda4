"""The pages for those who answer: plain HTML that works without scripts, in the questionnaire's languages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any

from fastapi.responses import HTMLResponse

from services.feedback.routes.wording import NAMES, direction, words_in
from services.feedback.rules.questionnaires import Question, Questionnaire, in_language

STYLE = "/v1/feedback/style.css"
TRAP = "website"
"""A field that people do not see and machines fill in."""


@dataclass(frozen=True, slots=True)
class Form:
    """A questionnaire on a page: in which language, with which answers so far, and what is to be corrected."""

    questionnaire: Questionnaire
    language: str
    key: str
    channel: str
    answers: Mapping[str, Any] = field(default_factory=dict)
    problems: Sequence[tuple[str, str]] = ()

    def say(self, texts: Mapping[str, str]) -> str:
        """Words of the questionnaire, escaped."""
        return escape(in_language(texts, self.language, self.questionnaire.languages))

    @property
    def words(self) -> Mapping[str, str]:
        """The words of the page, escaped."""
        return escaped(self.language)

    @property
    def may_go_on_later(self) -> bool:
        """Whether a key is of use: not at a kiosk, where the next person would see it."""
        return self.channel != "kiosk"


def escaped(language: str) -> Mapping[str, str]:
    """The words of the page for a language, escaped."""
    return {key: escape(text) for key, text in words_in(language).items()}


def page(title: str, body: str, *, language: str = "en", status: int = 200) -> HTMLResponse:
    """A whole page; ``title`` and ``body`` are HTML already. It is kept by no cache: a kiosk shows nobody's answers."""
    html = (
        f'<!doctype html><html lang="{escape(language)}" dir="{direction(language)}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">'
        f'<title>{title}</title><link rel="stylesheet" href="{STYLE}"></head><body><main>{body}</main></body></html>'
    )
    return HTMLResponse(html, status, headers={"Cache-Control": "no-store"})


def form_page(form: Form) -> HTMLResponse:
    """The questionnaire."""
    title = form.say(form.questionnaire.title)
    heading = f"{form.words['wrong']}: {title}" if form.problems else title
    parts = [
        _languages(form),
        f"<h1>{title}</h1>",
        f"<p>{form.say(form.questionnaire.introduction)}</p>" if form.questionnaire.introduction else "",
        f"<p>{form.words['private']} {form.words['optional']}</p>",
        _summary(form),
        _go_on(form),
        _questions(form),
    ]
    return page(heading, "".join(parts), language=form.language, status=422 if form.problems else 200)


def _languages(form: Form) -> str:
    others = [language for language in form.questionnaire.languages if language != form.language]
    links = " ".join(
        f'<a href="?lang={escape(one)}" hreflang="{escape(one)}" lang="{escape(one)}">{escape(NAMES.get(one, one))}</a>'
        for one in others
    )
    return f"<nav><p>{form.words['language']} {links}</p></nav>" if others else ""


def _summary(form: Form) -> str:
    if not form.problems:
        return ""
    places = {question.key: form.say(question.text) for question in form.questionnaire.questions}
    lines = "".join(
        f'<li><a href="#{escape(key)}">{places.get(key, escape(key))}</a>: {escape(problem)}</li>'
        for key, problem in form.problems
    )
    return f'<section role="alert" class="wrong"><h2>{form.words["wrong"]}</h2><ul>{lines}</ul></section>'


def _go_on(form: Form) -> str:
    if not form.may_go_on_later or form.channel == "invitation":
        return ""
    return (
        f'<details><summary>{form.words["go_on"]}</summary><form method="post" action="?lang={escape(form.language)}">'
        f'<label for="resume">{form.words["key"]}</label> <input id="resume" name="key" autocomplete="off" required> '
        f'<button name="do" value="load">{form.words["open"]}</button></form></details>'
    )


def _questions(form: Form) -> str:
    words = form.words
    questions = "".join(_question(form, question) for question in form.questionnaire.questions)
    save = f'<button name="do" value="save">{words["save"]}</button>' if form.may_go_on_later else ""
    contact = (
        f'<fieldset><legend>{words["contact"]}</legend><p id="contact-hint">{words["contact_hint"]}</p>'
        f'<label for="contact">{words["email"]}</label> <input id="contact" name="contact" type="email" maxlength="254" '
        f'aria-describedby="contact-hint" autocomplete="{"email" if form.may_go_on_later else "off"}"></fieldset>'
    )
    return (
        f'<form method="post" action="?lang={escape(form.language)}" autocomplete="off">'
        f'<input type="hidden" name="key" value="{escape(form.key)}">{questions}{contact}'
        f'<p class="trap" aria-hidden="true"><label for="{TRAP}">{words["trap"]}</label> '
        f'<input id="{TRAP}" name="{TRAP}" tabindex="-1" autocomplete="off"></p>'
        f'<p><button name="do" value="send" class="main">{words["send"]}</button> {save}</p></form>'
    )


def _question(form: Form, question: Question) -> str:
    text, key, value = form.say(question.text), escape(question.key), form.answers.get(question.key)
    wrong = "".join(escape(problem) for name, problem in form.problems if name == question.key)
    note = f'<p class="wrong">{wrong}</p>' if wrong else ""
    if question.kind in ("scale", "choice"):
        options = _options(form, question)
        inputs = "".join(_radio(question.key, place, label, value) for place, label in options)
        return f'<fieldset id="{key}"><legend>{text}</legend>{note}{inputs}</fieldset>'
    shown = "" if value is None else escape(str(value))
    if question.kind == "number":
        box = f'<input id="{key}" name="q.{key}" inputmode="numeric" maxlength="5" value="{shown}">'
    else:
        box = f'<textarea id="{key}" name="q.{key}" rows="5" maxlength="4000">\n{shown}</textarea>'
    return f'<div class="question"><label for="{key}">{text}</label>{note}{box}</div>'


def _options(form: Form, question: Question) -> list[tuple[str, str]]:
    if question.kind == "choice":
        options = [(key, form.say(text)) for key, text in question.options]
    else:
        labels = form.questionnaire.scales[question.scale or ""].labels
        options = [(str(place), form.say(label)) for place, label in enumerate(labels)]
    return [*options, ("", form.words["no_answer"])]


def _radio(name: str, value: str, label: str, chosen: Any) -> str:
    checked = " checked" if str("" if chosen is None else chosen) == value else ""
    identity = f"{escape(name)}.{escape(value) or 'none'}"
    return (
        f'<p><input type="radio" id="{identity}" name="q.{escape(name)}" value="{escape(value)}"{checked}>'
        f'<label for="{identity}">{label}</label></p>'
    )


def paper_page(form: Form, qr_code: str) -> HTMLResponse:
    """The questionnaire to print; ``qr_code`` is SVG. The sheet's number lets staff enter each sheet once."""
    title, words = form.say(form.questionnaire.title), form.words
    head = f"<h1>{title}</h1><p>{form.say(form.questionnaire.introduction)}</p><p>{words['optional']}</p>"
    sheet = f"<p>{words['sheet']} ____________</p><figure>{qr_code}<figcaption>{words['screen']}</figcaption></figure>"
    questions = "".join(_on_paper(form, question) for question in form.questionnaire.questions)
    return page(title, f"{head}{sheet}{questions}", language=form.language)


def _on_paper(form: Form, question: Question) -> str:
    text = form.say(question.text)
    if question.kind in ("scale", "choice"):
        boxes = "".join(f"<li>☐ {label}</li>" for _, label in _options(form, question)[:-1])
        return f'<section class="question"><h2>{text}</h2><ul class="boxes">{boxes}</ul></section>'
    room = "____________" if question.kind == "number" else "<br>".join(["_" * 60] * 4)
    return f'<section class="question"><h2>{text}</h2><p>{room}</p></section>'


def key_page(heading: str, text: str, key: str, more: str, language: str) -> HTMLResponse:
    """A page that shows a key, or thanks without one."""
    shown = f'<p class="key"><strong>{escape(key)}</strong></p>' if key else ""
    return page(heading, f"<h1>{heading}</h1><p>{text}</p>{shown}{more}", language=language)


def own_page(words: Mapping[str, str], message: str = "", status: int = 200) -> HTMLResponse:
    """The page on which a key opens one's own answers."""
    body = (
        f'<h1>{words["own"]}</h1>{message}<form method="post" autocomplete="off"><label for="key">{words["key"]}</label> '
        f'<input id="key" name="key" autocomplete="off" required> <button name="do" value="show">{words["show"]}</button> '
        f'<button name="do" value="erase">{words["erase"]}</button></form>'
    )
    return page(words["own"], body, status=status)


def rows_of(pairs: Mapping[str, Any]) -> str:
    """A list of names and values."""
    return "<dl>" + "".join(f"<dt>{escape(str(k))}</dt><dd>{escape(str(v))}</dd>" for k, v in pairs.items()) + "</dl>"


def style_sheet() -> str:
    """The style of all pages."""
    return Path(__file__).with_name("style.css").read_text()
