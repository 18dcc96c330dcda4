"""What a service holds about a person: how an access request shows it, and what an erasure takes away or keeps and why.

A service declares :class:`SubjectRecords`; ``plumbline subject export|erase`` reads it. Every statement gets these
parameters: ``worker_id`` (uuid or null), ``contacts`` (text[], in lower case), ``receipts`` (text[]), ``accounts`` (text[]:
subjects of tokens), ``name_needed`` (boolean), ``by`` (who asks), ``today``, ``now``, and what the service's ``find`` adds.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, LiteralString, TypeAlias
from uuid import UUID

from psycopg import sql
from sqlalchemy import MetaData, Text

from chassis.database import Row, Tx

SOMEONE_ELSE = "another person"
ERASED_ACCOUNT = "erased account"


@dataclass(frozen=True, slots=True)
class Person:
    """Whom a request is about, by every mark under which a service may know them, and who asks on their behalf."""

    by: str
    worker_id: UUID | None = None
    contacts: tuple[str, ...] = ()
    receipts: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    name_needed: bool = False
    """Whether a record that the law asks for must still be able to name the person."""


Found: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Section:
    """Records of one kind about a person, named in the words of the field.

    ``read`` selects what is shown, in columns that read as words. Ids of other people stand in ``others`` and are never shown;
    free text stands in ``words`` and is shown only after names and addresses of others were taken out of it, marked to be read
    by someone. ``erase`` runs in order and takes away what identifies; ``kept`` says what stays and why. One of the two is there.
    """

    name: str
    tables: tuple[str, ...]
    read: LiteralString
    erase: tuple[LiteralString, ...] = ()
    kept: str = ""
    others: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    caution: str = ""
    """What whoever hands out the answer must decide before this section goes out."""

    def __post_init__(self) -> None:
        if not self.erase and not self.kept:
            raise ValueError(f"{self.name}: say how it is erased, or what is kept and why")


async def _nothing_more(_tx: Tx, _person: Person) -> Found:
    return {}


@dataclass(frozen=True, slots=True)
class SubjectRecords:
    """Everything that a service holds about people. Sections are erased in their order."""

    sections: Sequence[Section]
    apart: Mapping[str, str] = field(default_factory=dict)
    """Tables that look as if they held something about a person, and why they are in no section."""
    find: Callable[[Tx, Person], Awaitable[Found]] = _nothing_more
    """More parameters for the statements, where a mark must be turned into ids first; it may log the look."""
    needs_name: LiteralString = ""
    """Selects ``reason``: a row for each record by which the law asks this employer to name the person still."""
    files: LiteralString = ""
    """Selects ``stored_as`` and ``name`` of files of the person in the service's folder."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One section of the answer to an access request."""

    section: Section
    rows: Sequence[Row]


@dataclass(frozen=True, slots=True)
class Erased:
    """What an erasure did to one section: how many rows it changed or removed, and what it kept and why."""

    name: str
    changed: int
    kept: str
    left: int = 0
    """How many records of the section are still there, for the reason in ``kept``."""


_HELD_BY_EVERY_SERVICE = (
    Section(
        "place in the organisation",
        ("directory_workers", "directory_accountable"),
        """select 'works in' as relation, org_unit_id, line_manager_id as line_manager, left_on as until
            from directory_workers where worker_id = %(worker_id)s
        union all select 'answers for', org_unit_id, null, null from directory_accountable where worker_id = %(worker_id)s""",
        others=("line_manager",),
        kept="Ids and dates without a name: they say who answered for what, and whose figures belong to which team.",
    ),
    Section(
        "answers kept for repeated requests",
        ("idempotency_keys",),
        """select status, created_at as answered_at from idempotency_keys where caller = any(%(accounts)s)
            or position(%(worker_id)s::text in encode(body, 'escape')) > 0
            or exists (select 1 from unnest(%(contacts)s::text[]) c
                       where position(c in lower(encode(body, 'escape'))) > 0)""",
        erase=(
            """delete from idempotency_keys where caller = any(%(accounts)s)
                or position(%(worker_id)s::text in encode(body, 'escape')) > 0
                or exists (select 1 from unnest(%(contacts)s::text[]) c
                           where position(c in lower(encode(body, 'escape'))) > 0)""",
        ),
    ),
    Section(
        "earlier requests about the same person",
        ("subject_requests",),
        """select kind, reason, made_at from subject_requests where worker_id = %(worker_id)s order by made_at""",
        kept="That a request was made and answered, when, by whom and why: the employer must be able to show it.",
    ),
)

APART_EVERYWHERE = {
    "outbox": "events: ids, facts and numbers only",
    "outbox_keys": "how many events each key has had",
    "relay_marks": "how far the relay has come",
    "inbox": "ids of events",
    "consumer_offsets": "how far the consumer has come",
    "consumer_failures": "attempts at events, which carry ids, facts and numbers only",
    "parked_records": "events that could not be applied: ids, facts and numbers only",
    "directory_units": "teams and services, not people",
}
"""Tables of every service that are in no section, and why."""


async def parameters(tx: Tx, records: SubjectRecords, person: Person) -> Found:
    """What the statements of a service are given about a person."""
    known = {
        "worker_id": person.worker_id,
        "contacts": [contact.strip().lower() for contact in person.contacts],
        "receipts": list(person.receipts),
        "accounts": list(person.accounts),
        "name_needed": person.name_needed,
        "by": person.by,
        "today": tx.today,
        "now": tx.now,
    }
    return {**known, **await records.find(tx, person)}


def sections_of(records: SubjectRecords) -> Sequence[Section]:
    """A service's own sections, then those that every service has."""
    return [*records.sections, *_HELD_BY_EVERY_SERVICE]


async def show(tx: Tx, sections: Sequence[Section], found: Found) -> list[Shown]:
    """What the sections hold; ids of other people are not shown."""
    return [
        Shown(section, [_masked(row, section, found) for row in await tx.fetch_all(section.read, found)])
        for section in sections
    ]


def _masked(row: Row, section: Section, found: Found) -> Row:
    own = {None, found["worker_id"]}
    return {name: SOMEONE_ELSE if name in section.others and value not in own else value for name, value in row.items()}


async def erase(tx: Tx, sections: Sequence[Section], found: Found) -> list[Erased]:
    """Take away what the sections take away, in their order."""
    done = []
    for section in sections:
        changed = sum([await tx.execute(statement, found) for statement in section.erase])
        done.append(Erased(section.name, changed, section.kept, len(await tx.fetch_all(section.read, found))))
    return done


async def count_recorded(tx: Tx, tables: MetaData, found: Found) -> Row:
    """How many rows of each table say that one of the person's accounts wrote them."""
    counts = {}
    for table, column in _author_columns(tables):
        statement = sql.SQL("select count(*) as n from {} where {} = any(%(accounts)s)").format(table, column)
        row = await (await tx.connection.execute(statement, found)).fetchone()
        if row and row["n"]:
            counts[f"{table.as_string()}.{column.as_string()}".replace('"', "")] = row["n"]
    return counts


async def erase_recorded(tx: Tx, tables: MetaData, found: Found) -> Erased:
    """Let rows that the person wrote say that an erased account wrote them."""
    changed = 0
    for table, column in _author_columns(tables):
        statement = sql.SQL("update {} set {} = {} where {} = any(%(accounts)s)")
        cursor = await tx.connection.execute(
            statement.format(table, column, sql.Literal(ERASED_ACCOUNT), column), found
        )
        if tx.pipeline is not None:
            await tx.pipeline.sync()
        changed += cursor.rowcount
    return Erased("what the person recorded", changed, "The facts that the person recorded about others stay.")


def _author_columns(tables: MetaData) -> list[tuple[sql.Identifier, sql.Identifier]]:
    return [
        (sql.Identifier(table.name), sql.Identifier(column.name))
        for table in tables.tables.values()
        for column in table.columns
        if isinstance(column.type, Text) and column.name.endswith(("_by", "_from"))
    ]
