"""A Plumbline of a test's own: started as a person would start it, reached over HTTP, stopped with SIGTERM."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import httpx

READY_WITHIN_S = 150.0
STOPPED_WITHIN_S = 40.0
SEEN_WITHIN_S = 20.0
_ADDRESS = re.compile(r"running at (http://\S+)")

Value = TypeVar("Value")


def eventually(
    read: Callable[[], Value], holds: Callable[[Value], bool], what: str, within_s: float = SEEN_WITHIN_S
) -> Value:
    """The first value for which something holds; fails with the last one seen when none comes in time."""
    deadline = time.monotonic() + within_s
    while not holds(value := read()):
        assert time.monotonic() < deadline, f"not within {within_s:.0f} s: {what}; last seen: {str(value)[:600]}"
        time.sleep(0.1)
    return value


class Deployment:
    """One run of ``plumbline up`` and the address of its gateway."""

    def __init__(self, home: Path, *arguments: str, environment: Mapping[str, str] | None = None) -> None:
        self.home = home
        self._log = home.with_suffix(".log")
        command = [sys.executable, "-m", "plumbline", "up", "--port", "0", "--home", str(home), "--demo", "none"]
        with self._log.open("ab") as log:
            self._said_before = log.tell()
            self._process = subprocess.Popen(
                [*command, *arguments], stdout=log, stderr=subprocess.STDOUT, env={**os.environ, **(environment or {})}
            )
        try:
            self.url = self._until_ready()
        except BaseException:
            self.stop()
            raise

    def _until_ready(self) -> str:
        """It says where it runs once every part answers; `/health/ready` agrees."""
        found = eventually(self._address, bool, f"{self.home} says where it runs", READY_WITHIN_S)
        eventually(lambda: self._ready(str(found)), bool, "the deployment is ready", READY_WITHIN_S)
        return str(found)

    def _address(self) -> str | None:
        assert self._process.poll() is None, f"the deployment ended: {self.log()[-3000:]}"
        found = _ADDRESS.search(self.log())
        return found and found.group(1)

    def _ready(self, url: str) -> bool:
        return httpx.get(f"{url}/health/ready", timeout=10).status_code == 200

    @property
    def pid(self) -> int:
        """The process that was started; PostgreSQL is not part of it."""
        return self._process.pid

    def log(self) -> str:
        """What this run has said so far."""
        return self._log.read_bytes()[self._said_before :].decode(errors="replace")

    def stop(self) -> int:
        """Ask it to stop; how it ended."""
        self._process.send_signal(signal.SIGTERM)
        try:
            return self._process.wait(STOPPED_WITHIN_S)
        finally:
            self._process.kill()

    def someone(self, *roles: str, worker_id: str | None = None, org_unit_id: str | None = None) -> Someone:
        """A person or system with these roles."""
        return Someone(self.url, roles, worker_id, org_unit_id)


class Someone:
    """Who makes requests: every answer is checked for its status, and read."""

    def __init__(self, url: str, roles: Sequence[str], worker_id: str | None, org_unit_id: str | None) -> None:
        wanted = {"roles": list(roles), "worker_id": worker_id, "org_unit_id": org_unit_id}
        token = httpx.post(f"{url}/auth/demo/tokens", json=wanted, timeout=20).raise_for_status().json()["access_token"]
        self.headers = {"Authorization": f"Bearer {token}"}
        self.url = url
        self._http = httpx.Client(
            base_url=url, headers=self.headers, timeout=30, limits=httpx.Limits(max_keepalive_connections=0)
        )

    def get(self, path: str, expect: int = 200, /, **query: Any) -> Any:
        """A reading request."""
        return self._read(self._http.get(path, params=query), expect)

    def post(self, path: str, expect: int = 201, key: str | None = None, /, **body: Any) -> Any:
        """A request that changes something; ``key`` is its Idempotency-Key."""
        return self._read(self._http.post(path, json=body, headers={"Idempotency-Key": key} if key else {}), expect)

    def put(self, path: str, expect: int = 200, /, **body: Any) -> Any:
        """A request that may be repeated as it is."""
        return self._read(self._http.put(path, json=body), expect)

    def send_file(self, path: str, kind: str, content: str, expect: int = 200) -> Any:
        """A file."""
        return self._read(self._http.post(path, content=content.encode(), headers={"Content-Type": kind}), expect)

    def status_of(self, path: str) -> int:
        """How a reading request ends."""
        return self._http.get(path).status_code

    def _read(self, answer: httpx.Response, expect: int) -> Any:
        asked = f"{answer.request.method} {answer.request.url}"
        assert answer.status_code == expect, f"{asked}: {answer.status_code}, wanted {expect}: {answer.text[:600]}"
        return answer.json() if answer.content and "json" in answer.headers.get("content-type", "") else None
