"""Modules are small, say what they are for, and are called by the words of the field."""

from __future__ import annotations

import ast
import re

import pytest

from tests.architecture.source import MODULES, PRODUCT_MODULES, ROOMS, ROOT, SERVICES, committed

LONGEST_MODULE, LONGEST_TEST_MODULE, LONGEST_FUNCTION = 350, 500, 60
VAGUE_FILES = re.compile(r"(^|_)(utils?|helpers?|misc|common|managers?|stuff)(_|$)")
VAGUE_CLASSES = re.compile(r"(Manager|Helper|Utils?|Data|Info)$")
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b|NotImplementedError")
SELF_REGARDING = re.compile(r"(design|api|reliability|style|domain|guide)\.md\b|acceptance/main_job")
BESIDE_THE_ROOMS = {"arrays": "how many values reach SQL as one parameter; commands and queries share it"}
OWN_ROOF = {"tests/architecture/test_modules.py"}


def test_every_module_says_what_it_is_responsible_for() -> None:
    written = [m for m in MODULES if m.text.strip() and not m.is_migration]
    silent = [str(m.path) for m in written if not ast.get_docstring(m.tree)]
    assert silent == []


def test_what_a_module_is_for_fits_one_sentence() -> None:
    rambling = [
        str(m.path)
        for m in PRODUCT_MODULES
        if not (ast.get_docstring(m.tree) or "").split("\n\n")[0].rstrip().endswith((".", ":"))
    ]
    assert rambling == []


def test_no_module_outgrows_a_reader() -> None:
    def limit(is_test: bool) -> int:
        return LONGEST_TEST_MODULE if is_test else LONGEST_MODULE

    sizes = {str(m.path): m.text.count("\n") for m in MODULES if not m.is_migration}
    large = {
        str(m.path)
        for m in MODULES
        if not m.is_migration and m.text.count("\n") > limit(m.is_test or m.path.parts[0] == "tests")
    }
    assert {path: sizes[path] for path in large} == {}


def test_no_function_outgrows_a_screen() -> None:
    long = [
        f"{m.at(f.lineno)} {f.name}: {(f.end_lineno or 0) - f.lineno + 1} lines"
        for m in MODULES
        if not m.is_migration
        for f in m.functions()
        if (f.end_lineno or 0) - f.lineno + 1 > LONGEST_FUNCTION
    ]
    assert long == []


def test_names_say_what_a_thing_is() -> None:
    vague = [str(m.path) for m in MODULES if VAGUE_FILES.search(m.path.stem)]
    vague += [
        f"{m.at(node.lineno)} {node.name}"
        for m in PRODUCT_MODULES
        for node in ast.walk(m.tree)
        if isinstance(node, ast.ClassDef) and VAGUE_CLASSES.search(node.name)
    ]
    assert vague == []


def test_nothing_is_left_unfinished_and_no_error_is_swallowed() -> None:
    found = [str(m.path) for m in MODULES if UNFINISHED.search(m.text) and str(m.path) not in OWN_ROOF]
    found += [
        m.at(node.lineno)
        for m in MODULES
        for node in ast.walk(m.tree)
        if isinstance(node, ast.ExceptHandler) and node.type is None
    ]
    assert found == []


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_has_the_same_rooms_as_every_other(service: str) -> None:
    present = {path.parts[2] for path in committed() if path.parts[:2] == ("services", service)}
    rooms = {name.removesuffix(".py") for name in present} - {"README.md", "__init__", "tests", "migrations"}
    assert rooms - BESIDE_THE_ROOMS.keys() <= set(ROOMS)
    assert {"README.md", "tests", "migrations"} <= present
    assert {"rules", "commands", "queries", "tables", "routes", "service"} <= rooms


def test_the_product_speaks_of_itself_only() -> None:
    found = []
    for path in committed():
        if (
            path.suffix in {".py", ".md", ".toml", ".yaml", ".yml", ".html", ".cfg", ".csv"}
            and str(path) not in OWN_ROOF
        ):
            text = (ROOT / path).read_text(errors="replace")
            found += [f"{path}: {match.group()}" for match in SELF_REGARDING.finditer(text)]
    assert found == []


def test_a_test_is_named_with_a_sentence_or_its_cases_are() -> None:
    terse = [
        f"{m.at(f.lineno)} {f.name}"
        for m in MODULES
        if m.path.name.startswith("test_")
        for f in m.functions()
        if f.name.startswith("test_") and f.name.count("_") < 3 and "parametrize" not in _decorators(f)
    ]
    assert terse == []


def _decorators(function: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    return " ".join(ast.unparse(decorator) for decorator in function.decorator_list)
