"""The source of Plumbline as the architecture tests read it: modules, their syntax trees and what they call."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).parents[2]
PRODUCT = ("contracts", "chassis", "services", "gateway", "web", "plumbline")
ROOMS = ("rules", "commands", "queries", "tables", "routes", "reactions", "scans", "service")


@dataclass(frozen=True)
class Module:
    """One Python file, by its path from the root of the repository."""

    path: Path
    root: Path = ROOT

    @cached_property
    def text(self) -> str:
        return (self.root / self.path).read_text()

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @property
    def is_test(self) -> bool:
        return "tests" in self.path.parts or self.path.name in {"conftest.py", "testing.py"}

    @property
    def is_migration(self) -> bool:
        return "migrations" in self.path.parts and self.path.name[:1].isdigit()

    @property
    def service(self) -> str:
        """The service that the module belongs to; empty for the others."""
        return self.path.parts[1] if self.path.parts[0] == "services" and len(self.path.parts) > 2 else ""

    @property
    def room(self) -> str:
        """The room of the service that the module is in or is: rules, commands, routes and so on."""
        return Path(self.path.parts[2]).stem if self.service else ""

    def functions(self) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
        yield from (node for node in ast.walk(self.tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))

    def calls(self) -> Iterator[tuple[str, int]]:
        """The dotted name and the line of every call whose target is a name or an attribute of one."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call):
                yield ast.unparse(node.func), node.lineno

    def imports(self) -> Iterator[str]:
        """Every module that this one imports, by its full name."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                yield node.module

    def constants(self) -> Iterator[tuple[str, int]]:
        """Every text constant with its line, docstrings excepted."""
        prose = {id(part) for node in ast.walk(self.tree) if (part := _docstring_node(node)) is not None}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose:
                yield node.value, node.lineno

    def at(self, line: int) -> str:
        """A place to look at."""
        return f"{self.path}:{line}"


def _docstring_node(node: ast.AST) -> ast.Constant | None:
    if not isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) or not node.body:
        return None
    first = node.body[0]
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
        return first.value
    return None


def committed() -> list[Path]:
    """Every file under version control that is still there."""
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [Path(name) for name in names.split("\0") if name and (ROOT / name).is_file()]


MODULES = [Module(path) for path in committed() if path.suffix == ".py"]
PRODUCT_MODULES = [m for m in MODULES if m.path.parts[0] in PRODUCT and not m.is_test and not m.is_migration]
SERVICE_MODULES = [m for m in PRODUCT_MODULES if m.service]
RULES = [m for m in SERVICE_MODULES if m.room == "rules"]
SERVICES = sorted({m.service for m in SERVICE_MODULES if m.room == "service"})
