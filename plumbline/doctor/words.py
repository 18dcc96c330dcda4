"""A finding is what is wrong, and what to do next."""

from __future__ import annotations


def say(*parts: str) -> str:
    """One finding from the parts of its sentences."""
    return " ".join(parts)
