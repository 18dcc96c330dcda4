"""What a failure may say in a log: its kind and its place, and its words only where they are ours or the network's.

Messages of other failures hold values: a violated constraint shows the row, a conversion the text that did not convert.
"""

from __future__ import annotations

import logging
import traceback
from types import TracebackType

import psycopg
import structlog
from pydantic import ValidationError

_OWN = ("chassis", "contracts", "gateway", "plumbline", "services", "aiohttp", "aiokafka", "httpx", "psycopg_pool")
_INNERMOST = 12


def reason_of(failure: BaseException) -> str:
    """One line about a failure, without a value that somebody entered."""
    name = type(failure).__name__
    if isinstance(failure, psycopg.Error):
        return _of_database(failure)
    if isinstance(failure, ValidationError):
        said = (f"{'.'.join(map(str, error['loc']))}: {error['type']}" for error in failure.errors(include_input=False))
        return f"{name}: {'; '.join(said)}"
    if isinstance(failure, OSError | RuntimeError) or type(failure).__module__.split(".")[0] in _OWN:
        return f"{name}: {failure}"
    return f"{name} in {where(failure.__traceback__, 1)}"


def _of_database(failure: psycopg.Error) -> str:
    about = failure.diag
    if about.sqlstate is None:
        return f"{type(failure).__name__}: {failure}"
    named = (about.table_name, about.column_name, about.constraint_name)
    return " ".join([f"{type(failure).__name__} {about.sqlstate}", *(name for name in named if name)])


def where(trace: TracebackType | None, frames: int = _INNERMOST) -> str:
    """The innermost places of a traceback, the innermost first."""
    found = traceback.extract_tb(trace)[-frames:]
    return " < ".join(f"{'/'.join(one.filename.split('/')[-2:])}:{one.lineno} {one.name}" for one in reversed(found))


class OfLibraries(logging.Handler):
    """Writes what libraries log in our form, with failures as :func:`reason_of` tells them."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record; a failure of a request that uvicorn hears of was told where it was answered."""
        failure = record.exc_info[1] if record.exc_info else None
        if failure is not None and record.name == "uvicorn.error":
            return
        about = {} if failure is None else {"reason": reason_of(failure), "where": where(failure.__traceback__)}
        said = record.getMessage() if failure is None else str(record.msg)
        structlog.get_logger("plumbline").log(record.levelno, said, library=record.name, **about)


def hear_libraries() -> None:
    """Let warnings of libraries be written by us, unless somebody, a test say, handles them already."""
    if not logging.getLogger().handlers:
        logging.getLogger().addHandler(OfLibraries(logging.WARNING))
