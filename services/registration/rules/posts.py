"""Designated posts: only registered social workers work in them (clause 7.1)."""

from __future__ import annotations

from dataclasses import dataclass

from services.registration.rules.status import BARRED, ON_THE_REGISTER, Status


@dataclass(frozen=True, slots=True)
class Holder:
    """A worker as designated posts see one; ``posts`` counts every open post held, ``designated`` those that are so."""

    employed: bool
    is_social_worker: bool
    posts: int
    designated: int
    status: Status


@dataclass(frozen=True, slots=True)
class Judged:
    """In how many designated posts a worker is, and whether the register allows it."""

    posts: int
    registered: bool
    breach: bool


def judge(holder: Holder) -> Judged:
    """Whether a worker is rightly in designated posts.

    A social worker of whom no post is recorded counts as in one: the title itself is protected. Someone who is not a social
    worker, yet holds a designated post, is in breach unless on the register. An unknown status is not a registered one, and
    no breach before the register has been asked.
    """
    posts = _designated_posts(holder)
    registered = holder.status in ON_THE_REGISTER
    unqualified = not holder.is_social_worker and not registered
    return Judged(posts, registered, posts > 0 and (holder.status in BARRED or unqualified))


def _designated_posts(holder: Holder) -> int:
    if not holder.employed:
        return 0
    return 1 if holder.is_social_worker and not holder.posts else holder.designated
