"""Rules are pure: values in, values out; no clock, no chance, no ids, no input or output."""

from __future__ import annotations

import sys

import pytest

from tests.architecture.source import RULES, Module

IMPURE_CALLS = (
    "datetime.now",
    "datetime.utcnow",
    "datetime.today",
    "date.today",
    "time.time",
    "time.monotonic",
    "uuid1",
    "uuid4",
    "uuid7",
    "new_id",
    "open",
    "print",
    "input",
    "getLogger",
)
IMPURE_MODULES = {
    "asyncio",
    "http",
    "logging",
    "os",
    "pathlib",
    "random",
    "secrets",
    "socket",
    "sqlite3",
    "subprocess",
    "threading",
    "time",
    "urllib",
}


def ids(module: Module) -> str:
    return str(module.path)


def impure_calls(module: Module) -> list[str]:
    return [
        module.at(line)
        for name, line in module.calls()
        if any(name == call or name.endswith(f".{call}") for call in IMPURE_CALLS)
    ]


def foreign_imports(module: Module) -> list[str]:
    own = f"services.{module.service}.rules"
    known = {*sys.stdlib_module_names, "dateutil"} - IMPURE_MODULES
    return [name for name in module.imports() if not name.startswith(own) and name.split(".")[0] not in known]


@pytest.mark.parametrize("module", RULES, ids=ids)
def test_rules_read_no_clock_make_no_ids_and_touch_nothing_outside(module: Module) -> None:
    assert impure_calls(module) == []


@pytest.mark.parametrize("module", RULES, ids=ids)
def test_rules_import_the_standard_library_dateutil_and_rules_of_the_same_service(module: Module) -> None:
    assert foreign_imports(module) == []


@pytest.mark.parametrize("module", RULES, ids=ids)
def test_rules_are_functions_that_do_not_wait(module: Module) -> None:
    assert [module.at(f.lineno) for f in module.functions() if type(f).__name__ == "AsyncFunctionDef"] == []


def test_every_service_has_rules_that_cite_a_clause() -> None:
    silent = {m.service for m in RULES} - {m.service for m in RULES if "clause" in m.text}
    assert silent == set()
