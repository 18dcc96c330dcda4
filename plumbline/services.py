"""The services of this distribution, by name."""

from __future__ import annotations

from importlib import import_module

from chassis.service import Service

SERVICES = ("workforce", "allocation", "supervision", "registration", "cpd", "safety", "feedback", "accountability")
"""In the order in which a deployment starts them: the source of facts first, the reader of everything last."""


def load(name: str) -> Service:
    """The service of a name, as its ``service.py`` declares it."""
    if name not in SERVICES:
        raise KeyError(f"there is no service {name}; there are {', '.join(SERVICES)}")
    service: Service = import_module(f"services.{name}.service").service
    return service
