"""The record of what was measured: one file a result under docs/proof, and docs/proof.md made from them."""

from tests.proof.results import Result, kept, record

__all__ = ["Result", "kept", "record"]
