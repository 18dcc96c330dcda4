"""The outbox by COPY: many first events of subjects that nobody has heard of, for bulk loads."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import LiteralString

from uuid_utils import uuid7

from chassis.database import Tx
from chassis.envelope import shared_headers
from chassis.ids import new_id
from chassis.outbox import source_of
from contracts import Event, topic_of

_KEYS: LiteralString = "copy outbox_keys (key, last_sequence) from stdin"
_EVENTS: LiteralString = "copy outbox (event_id, topic, key, sequence, attributes, data) from stdin"


class Template:
    """The data of events that differ in their subject alone; made from a real event, so that its model decides the form."""

    def __init__(self, event: Event) -> None:
        mark = str(new_id())
        data = event.model_copy(update={event.SUBJECT: mark}).model_dump_json()
        # COPY reads two backslashes as one, and so does bytea after it.
        self._before, self._after = _copyable(_copyable(data)).split(mark)

    def data_of(self, key: str) -> str:
        """The data of the event about ``key``, in COPY's text format."""
        return f"{self._before}{key}{self._after}"


async def copy_first_events(tx: Tx, event: type[Event], keys: Sequence[str], data: Sequence[str]) -> None:
    """Write one event each about subjects without one so far; ``data`` comes from :class:`Template`.

    A subject that has an event already raises UniqueViolation. Keys are plain ASCII without quotes or backslashes, each once.
    """
    shared = json.dumps(shared_headers(event.TYPE, source_of(tx.service), tx.now, tx.cause), separators=(",", ":"))
    rest, topic = _copyable(shared[1:]), topic_of(tx.service)
    rows = [
        f'{event_id}\t{topic}\t{key}\t1\t{{"ce_id":"{event_id}","ce_subject":"{key}",{rest}\t{one}\n'
        for event_id, key, one in zip([str(uuid7()) for _ in keys], keys, data, strict=True)
    ]
    await tx.copy(_KEYS, "".join([f"{key}\t1\n" for key in sorted(keys)]).encode())
    await tx.copy(_EVENTS, "".join(rows).encode())


def _copyable(text: str) -> str:
    """A text as COPY reads it: JSON has no raw tabs or line ends, so only backslashes need doubling."""
    return text.replace("\\", "\\\\")
