"""Entity tags: an update names the version it changes, and loses to nobody unseen."""

from __future__ import annotations

from chassis.problems import PreconditionFailed, PreconditionRequired


def etag(version: int) -> str:
    """The strong entity tag of a version."""
    return f'"{version}"'


def check_etag(if_match: str | None, version: int) -> None:
    """Make sure that ``If-Match`` names the current version: 428 when it is missing, 412 when it is stale."""
    if if_match is None:
        raise PreconditionRequired(
            "if-match-required", "Send If-Match with the ETag that you read, so that no change of others is lost."
        )
    named = {tag.strip() for tag in if_match.split(",")}
    if "*" not in named and etag(version) not in named:
        raise PreconditionFailed(
            "changed-meanwhile", "This changed since you read it. Read it again, then send your change."
        )
