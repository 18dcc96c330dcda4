"""Many first events at once: subjects nobody has heard of, whose events differ in little else, written by one statement."""

from __future__ import annotations

from collections.abc import Sequence
from typing import LiteralString

from uuid_utils import uuid7

from chassis.database import Tx
from chassis.ids import new_id
from chassis.outbox import common_attributes, source_of
from contracts import Event, topic_of

# PostgreSQL puts the events together: sent whole, they would be ten times the bytes, and building them as much work again.
_WRITE: LiteralString = """
with given as (
    select * from unnest(%(ids)b::text[], %(keys)b::text[], %(forms)b::int4[]) as g (id, key, form)
), numbered as (
    insert into outbox_keys (key, last_sequence) select key, 1 from given order by key
), forms as (
    select * from unnest(%(befores)b::text[], %(afters)b::text[]) with ordinality as f (before, after, form)
)
insert into outbox (event_id, topic, key, sequence, attributes, data)
select g.id::uuid, %(topic)s, g.key, 1, '{"ce_id":"' || g.id || '","ce_subject":"' || g.key || '",' || %(shared)s,
       convert_to(f.before || g.key || f.after, 'UTF8')
from given g join forms f on f.form = g.form + 1
"""


class Form:
    """The data of events that differ in their subject alone; made from a real event, so that its model decides the form."""

    def __init__(self, event: Event) -> None:
        mark = str(new_id())
        self.before, self.after = event.model_copy(update={event.SUBJECT: mark}).model_dump_json().split(mark)


async def write_first_events(tx: Tx, event: type[Event], keys: Sequence[str], forms: Sequence[Form]) -> None:
    """Write one event each about subjects without one so far: a key and its form.

    A subject that has an event already raises UniqueViolation. Keys are plain ASCII without quotes or backslashes, each once.
    """
    known = {form: number for number, form in enumerate(dict.fromkeys(forms))}
    await tx.execute(
        _WRITE,
        {
            "ids": [str(uuid7()) for _ in keys],
            "keys": keys,
            "forms": [known[form] for form in forms],
            "befores": [form.before for form in known],
            "afters": [form.after for form in known],
            "topic": topic_of(tx.service),
            "shared": common_attributes(event.TYPE, source_of(tx.service), tx.now, tx.cause),
        },
    )
