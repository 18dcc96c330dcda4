"""Results, texts and themes over HTTP, for those who act on them (clause 1.3)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, Field

from chassis.database import Row
from chassis.numbers import Number, half_up
from chassis.pages import Cursor, Limit, Page, decode_cursor, encode_cursor
from chassis.problems import BadRequest
from chassis.routing import Caller, Read, Routes, Write
from services.feedback.commands.themes import add_theme, assign_themes, erase_comment
from services.feedback.queries import results as queries
from services.feedback.queries import themes
from services.feedback.queries.answers import get_comment, list_comments
from services.feedback.queries.campaigns import reach_campaign
from services.feedback.routes.shapes import SEES, SETS_UP, In, ShortWords
from services.feedback.rules.chance import Comparison, Spread, compare
from services.feedback.rules.results import theme_table
from services.feedback.rules.similarity import suggest
from services.feedback.rules.suppression import TOTAL

routes = Routes("feedback")


class ResultsOut(BaseModel):
    """Tables by team; ``*`` = all together. Numbers are rounded to five; null = too few, or hidden to protect others."""

    campaign_id: UUID
    made_on: date
    rows: dict[str, Any]
    choices: dict[str, Any]


class ComparisonOut(BaseModel):
    """``one`` minus ``other`` in points; null = either is hidden or has fewer than ten answers."""

    figure: str
    difference: Number | None
    within_chance: bool | None
    in_words: str


class PeriodOut(BaseModel):
    """What a unit said in one campaign, and whether it differs from the one before by more than chance."""

    campaign_id: UUID
    title: str
    closed_on: date
    version: int
    score: int | None
    band: str | None
    since_before: ComparisonOut | None


class CommentOut(BaseModel):
    """What somebody wrote; the team only where enough of it answered."""

    comment_id: UUID
    question: str
    words: str
    org_unit_id: UUID | None
    theme_ids: list[UUID]


class ThemeIn(In):
    """A theme that people find in the texts."""

    name: ShortWords
    standard: Annotated[int, Field(ge=1, le=8)] | None = None


class ThemeOut(BaseModel):
    """A theme, and how many people wrote so by team; rounded to five, null where too few."""

    theme_id: UUID
    name: str
    standard: int | None
    people: dict[str, int | None]


class AssignmentIn(In):
    """The themes of a text, all of them."""

    theme_ids: Annotated[list[UUID], Field(max_length=20)]


class SuggestionOut(BaseModel):
    """A theme that shares words with a text; it is for a person to decide."""

    theme_id: UUID
    likeness: float


@routes.get("/campaigns/{campaign_id}/results", allow=SEES)
async def get_results(campaign_id: UUID, tx: Read, caller: Caller) -> ResultsOut:
    """The results of a closed campaign: all teams together, and those of your part of the organisation."""
    _, units = await queries.reach_results(tx, caller, campaign_id)
    release = await queries.get_release(tx, campaign_id)
    tables = release["inside"]
    choices = {name: _within(table, units) for name, table in tables["choices"].items()}
    about = {"campaign_id": campaign_id, "made_on": release["made_on"]}
    return ResultsOut(**about, rows=_within(tables["rows"], units), choices=choices)


@routes.get("/campaigns/{campaign_id}/comparison", allow=SEES)
async def get_comparison(
    campaign_id: UUID,
    tx: Read,
    caller: Caller,
    figure: Annotated[str, Query(max_length=40, description="standard_3, or the key of a question on a scale")],
    one: UUID | None = None,
    other: UUID | None = None,
) -> ComparisonOut:
    """Whether two teams differ by more than chance; without a team, all together."""
    _, units = await queries.reach_results(tx, caller, campaign_id)
    release = await queries.get_release(tx, campaign_id)
    places = [str(one or TOTAL), str(other or TOTAL)]
    spreads = [_spread(release, figure, place) if place in {TOTAL, *units} else None for place in places]
    return _compared(figure, *spreads)


@routes.get("/scores-over-time", allow=SEES)
async def get_scores_over_time(
    tx: Read,
    caller: Caller,
    org_unit_id: UUID,
    questionnaire: Annotated[str, Query(max_length=40)] = "practitioner-survey",
    figure: Annotated[str, Query(max_length=40)] = "standard_1",
) -> Page[PeriodOut]:
    """One figure of a unit in every closed campaign with a questionnaire, oldest first."""
    await caller.reach_unit(tx, org_unit_id)
    rows = await queries.list_over_time(tx, questionnaire, org_unit_id)
    place = str(org_unit_id)
    pairs = zip([None, *rows], rows, strict=False)
    return Page(items=[_period(row, before, figure, place) for before, row in pairs])


@routes.get("/campaigns/{campaign_id}/comments", allow=SETS_UP)
async def get_comments(
    campaign_id: UUID, tx: Read, caller: Caller, cursor: Cursor = None, limit: Limit = 100
) -> Page[CommentOut]:
    """What people wrote, in no order of time. Texts may name people: they are for those who run the campaign only."""
    await reach_campaign(tx, caller, campaign_id)
    seen = await queries.get_readable(tx, campaign_id)
    rows = await list_comments(tx, campaign_id, _after(cursor), limit + 1)
    following = encode_cursor(rows[limit - 1]["comment_id"]) if len(rows) > limit else None
    return Page(items=[_comment(row, seen) for row in rows[:limit]], next=following)


@routes.put("/campaigns/{campaign_id}/comments/{comment_id}/themes", status_code=204, allow=SETS_UP)
async def put_themes(campaign_id: UUID, comment_id: UUID, body: AssignmentIn, tx: Write, caller: Caller) -> None:
    """Put a text under themes; it is then under these and no others."""
    await reach_campaign(tx, caller, campaign_id)
    await get_comment(tx, campaign_id, comment_id)
    await assign_themes(tx, campaign_id, comment_id, body.theme_ids)


@routes.delete("/campaigns/{campaign_id}/comments/{comment_id}", status_code=204, allow=SETS_UP)
async def delete_comment(campaign_id: UUID, comment_id: UUID, tx: Write, caller: Caller) -> None:
    """Erase a text, as when it names a person who asks for it. What its writer chose stays counted."""
    await reach_campaign(tx, caller, campaign_id, locked=True)
    await get_comment(tx, campaign_id, comment_id)
    await erase_comment(tx, comment_id)


@routes.get("/campaigns/{campaign_id}/comments/{comment_id}/suggestions", allow=SETS_UP)
async def get_suggestions(campaign_id: UUID, comment_id: UUID, tx: Read, caller: Caller) -> Page[SuggestionOut]:
    """Themes that a text may belong to, by the words it shares with texts that people put there. Nothing is assigned."""
    await reach_campaign(tx, caller, campaign_id)
    await queries.get_readable(tx, campaign_id)
    words = (await get_comment(tx, campaign_id, comment_id))["words"]
    found = suggest(words, await themes.map_texts(tx, campaign_id, comment_id))
    return Page(items=[SuggestionOut(theme_id=UUID(theme), likeness=likeness) for theme, likeness in found])


@routes.post("/campaigns/{campaign_id}/themes", status_code=201, allow=SETS_UP)
async def post_theme(campaign_id: UUID, body: ThemeIn, tx: Write, caller: Caller) -> ThemeOut:
    """Add a theme."""
    await reach_campaign(tx, caller, campaign_id)
    return ThemeOut.model_validate({**await add_theme(tx, campaign_id, body.name, body.standard), "people": {}})


@routes.get("/campaigns/{campaign_id}/themes", allow=SEES)
async def get_themes(campaign_id: UUID, tx: Read, caller: Caller) -> Page[ThemeOut]:
    """The themes of a campaign, and how many people wrote so, by team."""
    campaign, units = await queries.reach_results(tx, caller, campaign_id)
    inside = (await queries.get_release(tx, campaign_id))["inside"]
    teams = [str(unit) for unit in campaign["units"]]
    people = await themes.map_people(tx, campaign_id)
    rows = await themes.list_themes(tx, campaign_id)
    return Page(
        items=[_theme(row, theme_table(teams, people.get(str(row["theme_id"]), {}), inside), units) for row in rows]
    )


def _within(table: Mapping[str, Any], units: set[str]) -> dict[str, Any]:
    return {row: value for row, value in table.items() if row == TOTAL or row in units}


def _spread(release: Row, figure: str, place: str) -> Spread | None:
    """The spread of a figure, where its reader may see it."""
    rows = release["inside"]["rows"]
    shown = rows.get(place, {}).get("figures", {}).get(figure)
    if shown is None or figure not in release["spreads"]:
        return None
    return Spread(*release["spreads"][figure][place])


def _compared(figure: str, one: Spread | None, other: Spread | None) -> ComparisonOut:
    found = compare(one, other) if one and other else None
    if found is None:
        words = "One of the two is hidden or has fewer than ten answers: nothing can be said."
        return ComparisonOut(figure=figure, difference=None, within_chance=None, in_words=words)
    difference = half_up(round(found.difference * 10), 0) / 10
    return ComparisonOut(
        figure=figure, difference=difference, within_chance=found.within_chance, in_words=_in_words(found)
    )


def _in_words(found: Comparison) -> str:
    if found.within_chance:
        return "Chance alone may explain this difference."
    return "Chance alone would make such a difference in fewer than one of twenty cases."


def _period(row: Row, before: Row | None, figure: str, unit: str) -> PeriodOut:
    place, place_before = _place(row, unit), _place(before, unit) if before else ""
    shown = row["inside"]["rows"][place]["figures"].get(figure) or {}
    since = _compared(figure, _spread(row, figure, place), _spread(before, figure, place_before)) if before else None
    return PeriodOut.model_validate(
        {**row, "score": shown.get("score"), "band": shown.get("band"), "since_before": since}
    )


def _place(row: Row, unit: str) -> str:
    return unit if unit in row["inside"]["rows"] else TOTAL


def _comment(row: Row, seen: set[str]) -> CommentOut:
    unit = row["org_unit_id"] if str(row["org_unit_id"]) in seen else None
    return CommentOut.model_validate({**row, "org_unit_id": unit})


def _theme(row: Row, people: Mapping[str, int | None], units: set[str]) -> ThemeOut:
    return ThemeOut.model_validate({**row, "people": _within(people, units)})


def _after(cursor: str | None) -> UUID | None:
    key = decode_cursor(cursor, 1)
    try:
        return UUID(str(key[0])) if key else None
    except ValueError:
        raise BadRequest("cursor-not-known", "Send the cursor exactly as `next` gave it, or leave it out.") from None
