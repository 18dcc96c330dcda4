"""The pages on which people answer: no token, no script, no cookie, nothing kept of who sends (clause 1.2)."""

from __future__ import annotations

import io
from collections.abc import Awaitable, Mapping
from html import escape
from typing import Any
from urllib.parse import parse_qsl

import segno
from fastapi import Request
from fastapi.responses import HTMLResponse, Response
from pydantic import TypeAdapter, ValidationError

from chassis.database import Row, Tx
from chassis.permissions import PUBLIC
from chassis.problems import Problem, RuleBroken, TooLarge
from chassis.routing import Read, Routes, Write
from services.feedback.commands.answers import KeepAnswers, erase_answers, keep_answers
from services.feedback.commands.keys import fresh_key, hash_of
from services.feedback.queries.answers import get_own
from services.feedback.queries.campaigns import get_asked
from services.feedback.routes import answering, pages
from services.feedback.routes.answering import Accepts, Lang, take_answer, take_look
from services.feedback.routes.shapes import Contact, Key
from services.feedback.rules.answers import Answers, read_answers
from services.feedback.rules.campaigns import answer_problem, state
from services.feedback.rules.questionnaires import best_language, read

routes = Routes("feedback")
PAGES: dict[int | str, dict[str, Any]] = {
    status: {"content": {"text/html": {"schema": {"type": "string"}}}} for status in (404, 409, 413, 422)
}
"""What a person reads when something is not as it should be: a page, too."""
MOST_BYTES, MOST_FIELDS = 256 * 1024, 250
OWN = "/v1/feedback/own"
_KEY, _CONTACT = TypeAdapter[str](Key), TypeAdapter[str](Contact)


@routes.get("/forms/{token}", allow=PUBLIC, response_class=HTMLResponse, responses=PAGES)
async def get_form(token: str, tx: Read, lang: Lang = None, accept_language: Accepts = None) -> Response:
    """The page to answer on. A single-use link goes on where it was left."""
    return await _shown(_form(tx, token, lang, accept_language))


@routes.post("/forms/{token}", allow=PUBLIC, response_class=HTMLResponse, responses=PAGES)
async def post_form(
    token: str, tx: Write, request: Request, lang: Lang = None, accept_language: Accepts = None
) -> Response:
    """What the page sends: to keep and go on later, to send, or to go on with what was kept."""
    sent = await _fields(request)
    if sent.get("do") == "load":
        take_look(request, tx.now)
        return await _shown(_form(tx, token, lang, accept_language, sent.get("key", "")))
    return await _shown(_kept(tx, token, sent, request, answering.wishes(lang, accept_language)))


@routes.get("/forms/{token}/qr.svg", allow=PUBLIC, response_class=Response)
async def get_qr_code(token: str, tx: Read, request: Request) -> Response:
    """The link as a QR code, to print on paper."""
    await get_asked(tx, token.lower(), hash_of(token))
    return Response(_drawn(token, request, scale=8), media_type="image/svg+xml")


@routes.get("/forms/{token}/paper", allow=PUBLIC, response_class=HTMLResponse, responses=PAGES)
async def get_paper(
    token: str, tx: Read, request: Request, lang: Lang = None, accept_language: Accepts = None
) -> Response:
    """The questionnaire to print: boxes to tick, room to write, and the QR code for those who would rather use a screen."""
    return await _shown(_paper(tx, token, request, answering.wishes(lang, accept_language)))


@routes.get("/own", allow=PUBLIC, response_class=HTMLResponse)
async def get_own_page() -> Response:
    """The page on which a key opens one's own answers."""
    return pages.own_page(pages.escaped("en"))


@routes.post("/own", allow=PUBLIC, response_class=HTMLResponse, responses=PAGES)
async def post_own_page(tx: Write, request: Request) -> Response:
    """Show or erase one's own answers."""
    take_look(request, tx.now)
    return await _shown(_own(tx, await _fields(request)))


@routes.get("/style.css", allow=PUBLIC, response_class=Response)
async def get_style() -> Response:
    """The style of these pages."""
    return Response(pages.style_sheet(), media_type="text/css", headers={"Cache-Control": "max-age=3600"})


async def _fields(request: Request) -> dict[str, str]:
    """The fields of a form; of one that is there twice, the last."""
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > MOST_BYTES:
            raise TooLarge("body-too-large", "The answers are too long. Write less, then send again.")
    try:
        return dict(
            parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict")
        )
    except ValueError:
        raise RuleBroken("form-not-readable", "Send the page's own form.") from None


async def _shown(making: Awaitable[Response]) -> Response:
    """A page, or what went wrong as a page."""
    try:
        return await making
    except Problem as problem:
        if problem.status >= 500 or problem.status == 429:
            raise
        words = f"<h1>{escape(problem.detail)}</h1>"
        return pages.page(escape(problem.detail), words, status=problem.status)


def _drawn(token: str, request: Request, scale: int) -> bytes:
    drawn = io.BytesIO()
    address = f"{request.app.state.public_url}/v1/feedback/forms/{token}"
    code = segno.make(address, error="m", micro=False)
    code.save(drawn, kind="svg", scale=scale, light="#fff", svgclass=None, lineclass=None, xmldecl=False)
    return drawn.getvalue()


async def _paper(tx: Tx, token: str, request: Request, wanted: list[str]) -> Response:
    asked = await get_asked(tx, token.lower(), hash_of(token))
    questionnaire = read(asked["content"])
    form = pages.Form(questionnaire, best_language(wanted, questionnaire.languages), "", asked["channel"])
    return pages.paper_page(form, _drawn(token, request, scale=4).decode())


async def _form(tx: Tx, token: str, lang: str | None, accepted: str | None, key: str = "") -> Response:
    asked = await get_asked(tx, token.lower(), hash_of(token))
    closed = answer_problem(state(asked["opens_on"], asked["closes_on"], asked["closed_on"], tx.today))
    questionnaire = read(asked["content"])
    language = best_language(answering.wishes(lang, accepted), questionnaire.languages)
    words = pages.escaped(language)
    if closed:
        return pages.key_page(escape(closed), "", "", _afterwards(asked, words), language)
    opens = key or (token if asked["channel"] == "invitation" else "")
    so_far = await answering.own_so_far(tx, asked, opens) if opens else None
    if so_far and so_far["state"] == "sent":
        return pages.key_page(words["sent"], words["sent_before"], "", _afterwards(asked, words), language)
    answers = so_far["answers"] if so_far else {}
    return pages.form_page(
        pages.Form(questionnaire, language, opens if so_far else fresh_key(), asked["channel"], answers)
    )


async def _kept(tx: Tx, token: str, sent: Mapping[str, str], request: Request, wanted: list[str]) -> Response:
    asked = await get_asked(tx, token.lower(), hash_of(token))
    take_answer(request, tx.now, asked["campaign_id"])
    if sent.get(pages.TRAP):
        raise answering.not_a_person()
    questionnaire = read(asked["content"])
    language = best_language(wanted, questionnaire.languages)
    key = answering.key_for(asked, token, _checked_key(sent.get("key", "")))
    given = {name.removeprefix("q."): value for name, value in sent.items() if name.startswith("q.")}
    answers, contact = read_answers(questionnaire, given), sent.get("contact", "").strip() or None
    problems = [*answers.problems, *_contact_problems(contact)]
    if problems:
        return pages.form_page(pages.Form(questionnaire, language, key, asked["channel"], given, problems))
    return await _stored(tx, asked, key, answers, contact, send=sent.get("do") != "save", language=language)


async def _stored(
    tx: Tx, asked: Row, key: str, answers: Answers, contact: str | None, *, send: bool, language: str
) -> Response:
    words = pages.escaped(language)
    kept = await keep_answers(tx, asked, KeepAnswers(hash_of(key), answers, send, contact))
    more = _afterwards(asked, words)
    if kept == "sent_before":
        return pages.key_page(words["sent"], words["sent_before"], "", more, language)
    shown = answering.shown_key(asked, key) or ""
    if kept == "draft":
        return pages.key_page(words["saved"], words["saved_text"], shown, "", language)
    return pages.key_page(words["sent"], words["sent_text"] if shown else "", shown, more, language)


def _afterwards(asked: Row, words: Mapping[str, str]) -> str:
    """Where to go from here: at a kiosk to an empty page, elsewhere to one's own answers."""
    if asked["channel"] == "kiosk":
        return f'<p><a href="?">{words["next"]}</a></p><meta http-equiv="refresh" content="20">'
    return f'<p><a href="{OWN}">{words["own"]}</a></p>'


def _checked_key(key: str) -> str | None:
    try:
        return _KEY.validate_python(key) if key else None
    except ValidationError:
        raise RuleBroken("key-not-usable", "Open the page again, and send the form from there.", field="key") from None


def _contact_problems(contact: str | None) -> list[tuple[str, str]]:
    try:
        _CONTACT.validate_python(contact or "nobody@example.org")
    except ValidationError:
        return [("contact", "This is no e-mail address. Correct it, or leave it empty.")]
    return []


async def _own(tx: Tx, sent: Mapping[str, str]) -> Response:
    words, key = pages.escaped("en"), sent.get("key", "")[:100]
    found = await get_own(tx, hash_of(key))
    if sent.get("do") == "erase":
        await erase_answers(tx, key)
        return pages.own_page(words, f'<p role="status">{words["erased"]}</p>')
    answers = {"": f"{found['title']}, {found['kept_on']}", **found["answers"]}
    return pages.own_page(words, pages.rows_of(answers))
