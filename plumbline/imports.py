"""``plumbline import``: sends a CSV of workers to a deployment and says what became of each line."""

from __future__ import annotations

from pathlib import Path

import httpx
from rich.console import Console
from rich.table import Table

TIMEOUT_S = 300.0


def import_file(file: Path, url: str, token: str, console: Console) -> int:
    """Import a file; exit status 0 when every line went in, 1 when some were rejected, 2 when nothing could be sent."""
    with httpx.Client(base_url=url, timeout=TIMEOUT_S) as client:
        try:
            bearer = token or _demonstration_token(client)
            headers = {"Authorization": f"Bearer {bearer}", "Content-Type": "text/csv"}
            with console.status(f"Importing {file.name}"):
                answer = client.post("/v1/workforce/imports", content=file.read_bytes(), headers=headers)
        except httpx.HTTPError as failure:
            console.print(f"Nothing was imported: {url} does not answer ({failure!r}). Is Plumbline running there?")
            return 2
    if answer.status_code != 200:
        console.print(f"Nothing was imported: {_detail(answer)}")
        return 2
    return _report(answer.json(), console)


def _demonstration_token(client: httpx.Client) -> str:
    answer = client.post("/auth/demo/tokens", json={"roles": ["workforce_admin"]})
    answer.raise_for_status()
    token: str = answer.json()["access_token"]
    return token


def _detail(answer: httpx.Response) -> str:
    if "json" in answer.headers.get("content-type", ""):
        return str(answer.json().get("detail", answer.status_code))
    return f"the answer was {answer.status_code}"


def _report(result: dict[str, object], console: Console) -> int:
    rejected = result["rejected"]
    assert isinstance(rejected, list)  # noqa: S101 - the shape that the endpoint documents
    console.print(f"{result['accepted']} lines are in force, {len(rejected)} were rejected.")
    if not rejected:
        return 0
    table = Table("line", "field", "problem")
    for line in rejected:
        table.add_row(str(line["line"]), str(line["field"]), str(line["problem"]))
    console.print(table)
    return 1
