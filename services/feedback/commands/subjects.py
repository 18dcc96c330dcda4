"""What feedback holds about a person: how an access request shows it, and what an erasure takes away or keeps and why."""

from __future__ import annotations

from chassis.database import Tx
from chassis.subjects import Found, Person, Section, SubjectRecords
from services.feedback.commands.keys import hash_of


async def find(_tx: Tx, person: Person) -> Found:
    """The keys of the person's answers as they are kept: nothing else leads from a person to an answer."""
    return {"hashes": [hash_of(receipt) for receipt in person.receipts]}


RECORDS = SubjectRecords(
    find=find,
    sections=(
        Section(
            "answers given to questionnaires",
            ("responses", "campaigns", "comments", "themes", "theme_assignments"),
            """select c.title, c.audience, r.state, r.kept_on, r.closed as answers,
                (select jsonb_object_agg(question, words) from comments m where m.response_id = r.response_id) as written,
                (select jsonb_agg(distinct t.name) from comments m join theme_assignments a using (comment_id)
                 join themes t using (theme_id) where m.response_id = r.response_id) as themes
            from responses r join campaigns c using (campaign_id) where r.key_hash = any(%(hashes)s::bytea[])
            order by r.kept_on, r.response_id""",
            words=("written",),
            caution="Answers are found by the key that the person was shown, and by nothing else.",
            erase=(
                """delete from comments where response_id in
                    (select response_id from responses where key_hash = any(%(hashes)s::bytea[]))""",
                "delete from responses where key_hash = any(%(hashes)s::bytea[])",
            ),
        ),
        Section(
            "addresses left to hear what was done",
            ("contacts",),
            """select c.title, n.address, n.attempts from contacts n join campaigns c using (campaign_id)
            where n.address = any(%(contacts)s) order by c.title, n.contact_id""",
            erase=("delete from contacts where address = any(%(contacts)s)",),
        ),
        Section(
            "actions that the person owns",
            ("actions", "notes"),
            """select c.title, a.standard, a.agreed_on, a.due_on, a.done_on, a.dropped_on,
                (select jsonb_object_agg(kind, words) from notes where about_id = a.action_id) as written
            from actions a join campaigns c using (campaign_id) where a.owner_id = %(worker_id)s
            order by a.agreed_on, a.action_id""",
            words=("written",),
            kept="An id without a name, and what the employer promised to those who answered: it stays answerable for it.",
        ),
    ),
    apart={
        "questionnaires": "what is asked",
        "links": "addresses of questionnaires, about teams",
        "invitations": "hashes of single-use links; who got which is not known here",
        "releases": "results with small numbers hidden",
    },
)
