"""Raising a concern without a name: no token, no address, no time of day; a receipt opens the conversation (clause 4.3)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import Request
from pydantic import BaseModel, Field, StringConstraints

from chassis.database import Tx
from chassis.pace import Allowance, Pace
from chassis.permissions import PUBLIC
from chassis.problems import TooManyRequests
from chassis.routing import Read, Routes, Write
from services.safety.commands.concerns import raise_without_name, write_message
from services.safety.commands.receipts import hash_of
from services.safety.queries.concerns import list_messages, reach_by_receipt
from services.safety.routes.shapes import In, MessageOut, Words
from services.safety.rules.concerns import Topic

routes = Routes("safety")
Receipt = Annotated[str, StringConstraints(pattern=r"^[0-9](?:[ -]?[0-9]){15}$")]

_reports = Allowance(Pace(per_second=0.5, burst=60))
"""Reports taken at a time, without knowing from whom (clause 4.3)."""
_looks = Allowance(Pace(per_second=2, burst=120))
"""Receipts tried: sixteen digits are not guessed at this pace."""


class AnonymousConcernIn(In):
    """A concern without a name. Do not write who you are, unless you want it known."""

    org_unit_id: UUID = Field(description="your team, as the link or poster gives it")
    topic: Topic
    words: Words
    about_manager: bool = Field(
        default=False, description="it concerns whoever answers for the team: they will not see it"
    )


class ReceiptOut(BaseModel):
    """The only key to the conversation. It is shown once and kept nowhere."""

    receipt: str
    received_on: date


class ReceiptIn(In):
    """A receipt; spaces and dashes in it do not matter."""

    receipt: Receipt


class ReplyIn(ReceiptIn):
    """A further message of the reporter."""

    words: Words


class ConversationOut(BaseModel):
    """How far a concern is, and what was written about it."""

    received_on: date
    waiting_for: str
    answer_by: date
    messages: list[MessageOut]


def _take(allowance: Allowance, request: Request, now: datetime) -> None:
    """Count one request, of whoever; TooManyRequests when there were too many, before anything is written."""
    if wait := allowance.take(id(request.app), now.timestamp()):
        detail = f"Too many reports arrive at this moment. Nothing was stored. Send yours again in {wait} s."
        raise TooManyRequests("too-many-reports", detail, headers={"Retry-After": str(wait)})


@routes.post("/anonymous-concerns", status_code=201, allow=PUBLIC)
async def post_anonymous_concern(body: AnonymousConcernIn, tx: Write, request: Request) -> ReceiptOut:
    """Raise a concern without a name. Keep the receipt: with it you read the answer and write back."""
    _take(_reports, request, tx.now)
    receipt = await raise_without_name(tx, body.org_unit_id, body.topic, body.words, about_manager=body.about_manager)
    return ReceiptOut(receipt=receipt, received_on=tx.today)


@routes.post("/anonymous-concerns/conversation", allow=PUBLIC)
async def post_receipt(body: ReceiptIn, tx: Read, request: Request) -> ConversationOut:
    """Read the conversation that a receipt opens. A POST, so that the receipt stands in no address line."""
    _take(_looks, request, tx.now)
    return await _conversation(tx, await hash_of(body.receipt))


@routes.post("/anonymous-concerns/replies", status_code=201, allow=PUBLIC)
async def post_anonymous_reply(body: ReplyIn, tx: Write, request: Request) -> ConversationOut:
    """Write back without a name."""
    _take(_looks, request, tx.now)
    receipt_hash = await hash_of(body.receipt)
    concern = await reach_by_receipt(tx, receipt_hash)
    await write_message(tx, concern["concern_id"], body.words, from_reporter=True)
    return await _conversation(tx, receipt_hash)


async def _conversation(tx: Tx, receipt_hash: bytes) -> ConversationOut:
    concern = await reach_by_receipt(tx, receipt_hash)
    messages = [MessageOut.model_validate(row) for row in await list_messages(tx, concern["concern_id"])]
    days = {"received_on": concern["received_on"], "answer_by": concern["answer_by"]}
    return ConversationOut(**days, waiting_for=concern["step"], messages=messages)
