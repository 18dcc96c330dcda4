"""Attachments over HTTP."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response
from pydantic import StringConstraints

from chassis.routing import Caller, Read, Routes, Write
from services.cpd.commands.attachment_store import store
from services.cpd.commands.attachments import attach, find_attachment, remove_attachment
from services.cpd.queries.learning import find_learning
from services.cpd.queries.workers import reached
from services.cpd.routes.learning import AttachmentOut
from services.cpd.routes.shapes import LEARNERS

routes = Routes("cpd")
FileName = Annotated[str, StringConstraints(pattern=r"^[^/\\\x00-\x1f]{1,200}$"), Query()]
_FILE = {"requestBody": {"required": True, "content": {"application/octet-stream": {"schema": {"type": "string"}}}}}


@routes.post("/attachments", status_code=201, allow=LEARNERS, openapi_extra=_FILE)
async def post_attachment(
    request: Request, learning_id: UUID, tx: Write, caller: Caller, file_name: FileName | None = None
) -> AttachmentOut:
    """Attach a file, sent as the body: PDF, PNG, JPEG, Word, PowerPoint or plain text, recognised by its content."""
    learning = await reached(tx, caller, await find_learning(tx, learning_id), "piece of learning")
    content = await _bounded(request)
    kind = request.headers.get("content-type")
    return AttachmentOut.model_validate(await attach(tx, learning, content, kind, file_name))


async def _bounded(request: Request) -> bytes:
    content = bytearray()
    async for piece in request.stream():
        content += piece
        store.check_size(len(content))
    return bytes(content)


@routes.get("/attachments/{attachment_id}", allow=LEARNERS, response_class=Response)
async def get_attachment(attachment_id: UUID, tx: Read, caller: Caller) -> Response:
    """The file itself, always as a download."""
    row = await reached(tx, caller, await find_attachment(tx, attachment_id), "attachment")
    headers = {"Content-Disposition": f'attachment; filename="{attachment_id}"', "X-Content-Type-Options": "nosniff"}
    return Response(await store.load(row["stored_as"]), media_type=row["content_type"], headers=headers)


@routes.delete("/attachments/{attachment_id}", status_code=204, allow=LEARNERS)
async def delete_attachment(attachment_id: UUID, tx: Write, caller: Caller) -> None:
    """Remove an attachment."""
    await reached(tx, caller, await find_attachment(tx, attachment_id), "attachment")
    await remove_attachment(tx, attachment_id)
