"""The checks find what they are there to find: each mistake, made on purpose, is reported."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.architecture.source import Module
from tests.architecture.test_rules import foreign_imports, impure_calls
from tests.architecture.test_transactions import other_clocks, own_transactions, stray_sql


def written(root: Path, path: str, text: str) -> Module:
    file = root / path
    file.parent.mkdir(parents=True)
    file.write_text(text)
    return Module(Path(path), root)


@pytest.mark.parametrize(
    ("path", "text", "check"),
    [
        pytest.param("services/x/rules.py", "day = date.today()", impure_calls, id="a rule that reads the clock"),
        pytest.param("services/x/rules/a.py", "key = uuid.uuid4()", impure_calls, id="a rule that makes an id"),
        pytest.param("services/x/rules.py", "import random", foreign_imports, id="a rule that leaves things to chance"),
        pytest.param(
            "services/x/rules.py", "from chassis.ids import new_id", foreign_imports, id="a rule that reaches down"
        ),
        pytest.param("services/x/rules.py", "import services.y.rules", foreign_imports, id="a rule of another service"),
        pytest.param(
            "services/x/commands.py", "await tx.connection.commit()", own_transactions, id="a commit of its own"
        ),
        pytest.param("services/x/queries.py", "psycopg.connect(url)", own_transactions, id="a connection of its own"),
        pytest.param("services/x/routes/a.py", "await tx.fetch_all('select 1')", stray_sql, id="SQL in a route"),
        pytest.param("services/x/scans.py", "now = datetime.now(UTC)", other_clocks, id="a scan with its own clock"),
        pytest.param("services/x/queries.py", "Q = 'select current_date'", other_clocks, id="a date of the database"),
    ],
)
def test_a_mistake_made_on_purpose_is_found(tmp_path: Path, path: str, text: str, check: object) -> None:
    assert callable(check)
    assert len(check(written(tmp_path, path, text))) == 1


def test_a_sound_rule_is_left_alone(tmp_path: Path) -> None:
    text = (
        '"""Says now() and today() in words only."""\nfrom datetime import date\nfrom services.x.rules.other import y\n'
    )
    module = written(tmp_path, "services/x/rules/a.py", text)
    assert impure_calls(module) + foreign_imports(module) + other_clocks(module) == []
