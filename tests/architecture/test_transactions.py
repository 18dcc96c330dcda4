"""One place opens and ends transactions; business time comes from the clock; SQL stands in its rooms."""

from __future__ import annotations

import re

from tests.architecture.source import PRODUCT_MODULES, SERVICE_MODULES, Module

ENDS_A_TRANSACTION = re.compile(r"(^|\.)(commit|rollback|set_autocommit|begin_nested)$")
OPENS_A_CONNECTION = re.compile(
    r"(^|\.)(AsyncConnection|Connection|AsyncConnectionPool|psycopg)\.?connect$|create_engine$"
)
RUNS_SQL = re.compile(r"\.(fetch_all|fetch_one|fetch_value|execute|execute_many|executemany|copy)$")
ROOMS_WITH_SQL = {"commands", "queries", "reactions", "scans"}
OTHER_CLOCKS = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time"}
DATABASE_TIME = re.compile(
    r"\b(now\(\)|current_date|current_timestamp|localtimestamp|clock_timestamp\(\))", re.IGNORECASE
)


def own_transactions(module: Module) -> list[str]:
    return [
        f"{module.at(line)} {name}"
        for name, line in module.calls()
        if ENDS_A_TRANSACTION.search(name) or OPENS_A_CONNECTION.search(name)
    ]


def stray_sql(module: Module) -> list[str]:
    return [
        f"{module.at(line)} {name}"
        for name, line in module.calls()
        if RUNS_SQL.search(name) and module.room not in ROOMS_WITH_SQL
    ]


def other_clocks(module: Module) -> list[str]:
    found = [f"{module.at(line)} {name}" for name, line in module.calls() if name in OTHER_CLOCKS]
    if module.room in ROOMS_WITH_SQL:
        found += [module.at(line) for text, line in module.constants() if DATABASE_TIME.search(text)]
    return found


def test_no_service_ends_a_transaction_or_opens_a_connection_of_its_own() -> None:
    doors = [module for module in PRODUCT_MODULES if module.path.parts[0] in {"services", "gateway"}]
    assert [found for module in doors for found in own_transactions(module)] == []


def test_in_the_chassis_only_the_database_the_buses_and_the_migrations_commit() -> None:
    allowed = {"chassis/database.py", "chassis/gathering.py", "chassis/migrations/__init__.py", "chassis/reader.py"}
    found = [
        module.at(line)
        for module in PRODUCT_MODULES
        if module.path.parts[0] == "chassis" and "bus" not in module.path.parts and str(module.path) not in allowed
        for name, line in module.calls()
        if re.search(r"(^|\.)(commit|rollback)$", name)
    ]
    assert found == []


def test_sql_stands_in_commands_queries_reactions_and_scans() -> None:
    assert [found for module in SERVICE_MODULES for found in stray_sql(module)] == []


def test_services_take_business_time_from_the_transaction() -> None:
    assert [found for module in SERVICE_MODULES for found in other_clocks(module)] == []


def test_values_reach_sql_as_parameters_only() -> None:
    found = [
        module.at(line)
        for module in SERVICE_MODULES
        for line, statement in enumerate(module.text.splitlines(), start=1)
        if re.search(r"\.(fetch_all|fetch_one|fetch_value|execute|execute_many)\(\s*f[\"']", statement)
    ]
    assert found == []
