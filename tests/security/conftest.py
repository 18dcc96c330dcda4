"""What the security tests share: one tally of what was tried, kept as results when results are wanted."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.security.tally import Tally


@pytest.fixture(scope="session")
def tally() -> Iterator[Tally]:
    counted = Tally()
    yield counted
    counted.keep()
