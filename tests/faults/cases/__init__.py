"""Faults as data: what happens, of which kind it is, and how it is done. Each is one row of the page of proof."""

from tests.faults.cases import (
    brokers,
    databases,
    delivery,
    mail,
    order,
    poison,
    processes,
    resources,
    secrets,
    surroundings,
)
from tests.faults.cases.case import Case

CASES: tuple[Case, ...] = (
    *databases.CASES,
    *brokers.CASES,
    *processes.CASES,
    *resources.CASES,
    *delivery.CASES,
    *mail.CASES,
    *order.CASES,
    *poison.CASES,
    *surroundings.CASES,
    *secrets.CASES,
)

__all__ = ["CASES", "Case"]
