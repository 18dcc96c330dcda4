"""The settings that services declare for themselves, found in their code."""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module

from pydantic_settings import BaseSettings


@cache
def own_settings(service: str) -> tuple[type[BaseSettings], ...]:
    """The settings classes that a service declares for itself."""
    package = import_module(f"services.{service}")
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if ".tests" not in module.name and ".migrations" not in module.name:
            import_module(module.name)
    return tuple(one for one in _below(BaseSettings) if one.__module__.startswith(f"services.{service}."))


def _below(base: type[BaseSettings]) -> list[type[BaseSettings]]:
    direct = base.__subclasses__()
    return [*direct, *(deeper for one in direct for deeper in _below(one))]
