"""What everyone may know: the results with small numbers hidden, and "you said, we did" (clause 1.3)."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from datetime import date
from html import escape
from typing import Any

from fastapi.responses import HTMLResponse, Response
from pydantic import BaseModel

from chassis.database import Row, Tx
from chassis.permissions import PUBLIC
from chassis.routing import Read, Routes
from services.feedback.queries.actions import list_actions
from services.feedback.queries.campaigns import get_published
from services.feedback.queries.questionnaires import get_questionnaire
from services.feedback.queries.results import get_release
from services.feedback.routes import pages
from services.feedback.rules.questionnaires import Questionnaire, read
from services.feedback.rules.suppression import OUTSIDE, ROUNDED_TO, TOTAL

routes = Routes("feedback")


class SaidOut(BaseModel):
    """What people said, and what was done about it."""

    you_said: str
    we_did: str
    standard: int | None


class PublishedOut(BaseModel):
    """A closed campaign. Numbers of answers are rounded to five; null = too few, or hidden to protect others."""

    title: str
    audience: str
    closed_on: date
    told_on: date | None
    said: list[SaidOut]
    rows: dict[str, Any]
    choices: dict[str, Any]


@routes.get("/published/{address}", allow=PUBLIC)
async def get_published_results(address: str, tx: Read) -> PublishedOut:
    """The published results of a campaign, and what was done about them."""
    campaign, tables, said = await _published(tx, address)
    return PublishedOut.model_validate({**campaign, **tables, "said": said})


@routes.get("/published/{address}/page", allow=PUBLIC, response_class=HTMLResponse)
async def get_published_page(address: str, tx: Read) -> Response:
    """The same as a page for people."""
    campaign, tables, said = await _published(tx, address)
    questionnaire = read((await get_questionnaire(tx, campaign["questionnaire_id"]))["content"])
    return _page(campaign, questionnaire, tables, said)


@routes.get("/published/{address}/table.csv", allow=PUBLIC, response_class=Response)
async def get_published_table(address: str, tx: Read) -> Response:
    """The same scores as a table."""
    _, tables, _ = await _published(tx, address)
    return Response(_csv(tables["rows"]), media_type="text/csv; charset=utf-8")


async def _published(tx: Tx, address: str) -> tuple[Row, Mapping[str, Any], list[Row]]:
    campaign = await get_published(tx, address.lower())
    release = await get_release(tx, campaign["campaign_id"])
    actions = await list_actions(tx, campaign["campaign_id"]) if campaign["told_on"] else []
    return campaign, release["outside"], [one for one in actions if one["you_said"] and one["we_did"]]


def _csv(rows: Mapping[str, Any]) -> str:
    written = io.StringIO()
    table = csv.writer(written)
    table.writerow(["org_unit_id", "answers", "figure", "value", "band"])
    table.writerows(
        [unit if unit != TOTAL else "all", row["answers"], name, _value(figure), (figure or {}).get("band")]
        for unit, row in rows.items()
        for name, figure in row["figures"].items()
    )
    return written.getvalue()


def _value(figure: Mapping[str, Any] | None) -> Any:
    return None if figure is None else figure.get("score", figure.get("mean"))


def _page(campaign: Row, questionnaire: Questionnaire, tables: Mapping[str, Any], said: list[Row]) -> HTMLResponse:
    whole = tables["rows"][TOTAL]
    title = escape(campaign["title"])
    pairs = "".join(
        f"<article><h3>You said</h3><p>{escape(one['you_said'])}</p><h3>We did</h3><p>{escape(one['we_did'])}</p></article>"
        for one in said
    )
    answered = (
        f"About {whole['answers']} people answered." if whole["answers"] else f"Fewer than {OUTSIDE} people answered."
    )
    scores = "".join(
        f"<tr><th scope='row'>Standard {number}</th><td>{_shown(whole['figures'].get(f'standard_{number}'))}</td></tr>"
        for number in questionnaire.standards
    )
    table = f"<table><caption>Scores from 0 to 100</caption><tbody>{scores}</tbody></table>" if scores else ""
    note = (
        f"<p>Nothing is shown about fewer than {OUTSIDE} people, and numbers of people are rounded to {ROUNDED_TO}. "
        "A score is the mean of the complete answers; 0 to 50 is low, 51 to 74 moderate, 75 to 100 high.</p>"
    )
    waits = "<p>What is done about it will be told here.</p>" if not said else ""
    return pages.page(title, f"<h1>{title}</h1><p>{answered}</p>{pairs}{waits}<h2>Results</h2>{table}{note}")


def _shown(figure: Mapping[str, Any] | None) -> str:
    return "too few answers" if figure is None else f"{figure['score']} ({figure['band']})"
