"""Migrations expand: the release before goes on working on the schema of this one, so nothing is taken away beside it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.deploy.releases import TREE

TAKES_AWAY = {
    "drop_column",
    "drop_table",
    "drop_constraint",
    "rename_table",
    "create_check_constraint",
    "create_foreign_key",
    "create_unique_constraint",
}
"""What the code of the release before can stumble over: something gone, or something that is now refused."""
MIGRATIONS = sorted(
    [*TREE.glob("services/*/migrations/[0-9]*.py"), *(TREE / "chassis" / "migrations" / "versions").glob("[0-9]*.py")]
)


def offences(source: str) -> list[str]:
    """What in a migration's ``upgrade`` the release before could stumble over."""
    (upgrade,) = [
        one for one in ast.walk(ast.parse(source)) if isinstance(one, ast.FunctionDef) and one.name == "upgrade"
    ]
    made = {_text(one.args[0]) for one in _calls(upgrade, "create_table")}
    return [
        f"line {call.lineno}: {_name(call)}"
        for call in ast.walk(upgrade)
        if isinstance(call, ast.Call) and _offends(call, made)
    ]


def _offends(call: ast.Call, made: set[str]) -> bool:
    name = _name(call)
    given = {keyword.arg: keyword.value for keyword in call.keywords}
    if name in TAKES_AWAY:
        place = call.args[0] if name in ("drop_column", "drop_table", "rename_table") else call.args[1]
        return _text(place) not in made and not (name == "drop_constraint" and _widened(call))
    if name == "alter_column":
        return "new_column_name" in given or _is_false(given.get("nullable"))
    if name == "add_column":
        (column,) = [one for one in ast.walk(call) if isinstance(one, ast.Call) and _name(one) == "Column"]
        about = {keyword.arg: keyword.value for keyword in column.keywords}
        return _is_false(about.get("nullable")) and "server_default" not in about
    return False


def _widened(call: ast.Call) -> bool:
    """What was refused is now admitted, which the release before does not notice; a primary key is how rows are found."""
    return any(keyword.arg == "type_" and _text(keyword.value) != "primary" for keyword in call.keywords)


def _calls(tree: ast.AST, name: str) -> list[ast.Call]:
    return [one for one in ast.walk(tree) if isinstance(one, ast.Call) and _name(one) == name]


def _name(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else ""


def _text(node: ast.expr) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _is_false(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and node.value is False


@pytest.mark.parametrize("file", MIGRATIONS, ids=lambda file: "-".join(file.parts[-3:]))
def test_a_migration_only_adds_unless_it_says_that_it_contracts(file: Path) -> None:
    if "contract_" in file.name:
        return
    found = offences(file.read_text())
    assert not found, f"add instead, and take away in a contract_ migration one release later: {found}"


@pytest.mark.parametrize(
    ("statement", "wrong"),
    [
        ('op.add_column("t", sa.Column("c", sa.Text(), nullable=True))', False),
        ('op.add_column("t", sa.Column("c", sa.Text(), nullable=False))', True),
        ('op.add_column("t", sa.Column("c", sa.Text(), server_default="", nullable=False))', False),
        ('op.drop_column("t", "c")', True),
        ('op.drop_table("t")', True),
        ('op.alter_column("t", "c", nullable=False)', True),
        ('op.alter_column("t", "c", nullable=True)', False),
        ('op.alter_column("t", "c", new_column_name="d")', True),
        ('op.create_check_constraint("ck", "t", "c > 0")', True),
        ('op.drop_constraint("ck", "t", type_="check")', False),
        ('op.drop_constraint("uq", "t", type_="unique")', False),
        ('op.drop_constraint("pk", "t", type_="primary")', True),
        ('op.create_index("ix", "t", ["c"])', False),
    ],
)
def test_what_only_adds_and_what_does_not(statement: str, wrong: bool) -> None:
    assert bool(offences(f"def upgrade():\n    {statement}\n")) == wrong
