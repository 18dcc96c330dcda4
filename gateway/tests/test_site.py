"""What the gateway says itself: pages, health, demonstration tokens."""

from __future__ import annotations

import html
import json
import re
import subprocess
from html.parser import HTMLParser
from typing import Any

import httpx
import pytest

from chassis.permissions import ROLES
from contracts import EVENT_TYPES
from gateway.app import create_gateway
from gateway.schemas import find_schema
from gateway.tests.conftest import Served, Stage, eventually, make_service, raw, served_app, wait_until_ready

JSON = {"Content-Type": "application/json"}


class Outline(HTMLParser):
    """What an HTML page is made of."""

    VOID = frozenset({"meta", "link", "input", "br"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def values(self, name: str) -> list[str]:
        return [value or "" for key, value in self.attributes if key == name]


@pytest.mark.parametrize("path", ["/", "/reference", "/reference?q=workload", "/reference?q=%3Cscript%3E"])
def test_a_page_is_well_formed_and_needs_nothing_from_elsewhere(gateway: Served, path: str) -> None:
    answer = httpx.get(gateway.url + path)
    assert answer.status_code == 200
    page = Outline(answer.text)
    assert page.open == []
    assert not {"script", "style", "iframe", "img"} & set(page.tags)
    assert not [name for name, _ in page.attributes if name.startswith("on") or name == "style"]
    assert all(value.startswith(("/", "#")) for value in page.values("href") + page.values("src"))
    assert page.tags.count("h1") == page.tags.count("main") == 1
    assert page.values("lang") == ["en-GB"]
    ids = page.values("id")
    assert len(ids) == len(set(ids))
    assert set(page.values("aria-labelledby")) | set(page.values("for")) <= set(ids)


@pytest.mark.parametrize("path", ["/", "/reference", "/docs/style.css"])
def test_a_page_has_a_strict_policy(gateway: Served, path: str) -> None:
    answer = httpx.get(gateway.url + path)
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_fragments_on_pages_lead_somewhere(gateway: Served) -> None:
    page = Outline(httpx.get(gateway.url + "/reference").text)
    ids = set(page.values("id"))
    assert {value[1:] for value in page.values("href") if value.startswith("#")} <= ids


def test_the_reference_finds_operations_by_words(gateway: Served) -> None:
    found = httpx.get(gateway.url + "/reference", params={"q": "workload allocation"}).text
    assert "/v1/allocation/workload" in found
    assert "/v1/accountability/workload" not in found.split('id="schemas"')[0]


def test_what_was_searched_for_is_escaped(gateway: Served) -> None:
    found = httpx.get(gateway.url + "/reference", params={"q": '"><script>alert(1)</script>'}).text
    assert "<script" not in found
    assert "&lt;script&gt;" in found


def test_the_address_on_the_page_is_escaped(gateway: Served) -> None:
    answer = raw(gateway, b"GET / HTTP/1.1\r\nHost: <script>alert(1)</script>\r\nConnection: close\r\n\r\n")
    assert b"<script" not in answer
    assert b"curl" in answer


def test_the_first_page_says_what_is_missing_and_when_all_is_well(stage: Stage) -> None:
    state = stage.states["accountability"]
    with stage.gateway() as served:
        wait_until_ready(served)
        assert "Everything answers." in httpx.get(served.url + "/").text
        state["ready"] = False
        try:
            page = eventually(lambda: _page_with(served, "Not everything answers: accountability."), "nothing is said")
            assert "not ready" in page
        finally:
            state["ready"] = True


def _page_with(served: Served, text: str) -> str:
    page = httpx.get(served.url + "/").text
    return page if text in page else ""


def test_readiness_names_what_is_missing(stage: Stage) -> None:
    upstreams = {"allocation": stage.services["allocation"].url, "supervision": "http://127.0.0.1:1"}
    with stage.gateway(upstreams=upstreams) as served:
        answer = httpx.get(served.url + "/health/ready")
        assert answer.status_code == 503
        assert answer.json() == {
            "ready": False,
            "services": {"allocation": "ok", "supervision": "does not answer"},
            "missing": ["supervision"],
        }
        assert httpx.get(served.url + "/health/live").json() == {"alive": True}


def test_readiness_follows_a_service_that_goes_and_comes_back(stage: Stage) -> None:
    state = stage.states["allocation"]
    with stage.gateway() as served:
        wait_until_ready(served)
        state["ready"] = False
        try:
            answer = httpx.get(served.url + "/health/ready")
            assert (answer.status_code, answer.json()["missing"]) == (503, ["allocation"])
        finally:
            state["ready"] = True
        assert httpx.get(served.url + "/health/ready").status_code == 200


@pytest.mark.parametrize(
    "path", ["/", "/health/live", "/health/ready", "/openapi.json", "/reference", "/docs/style.css"]
)
def test_what_needs_no_token_answers_head_and_refuses_to_be_changed(gateway: Served, path: str) -> None:
    assert httpx.head(gateway.url + path).status_code == 200
    answer = httpx.post(gateway.url + path)
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, HEAD"


def test_a_service_that_comes_up_later_is_documented_from_then_on(stage: Stage) -> None:
    late = served_app(make_service("supervision", {}))
    with stage.gateway(upstreams={"supervision": late.url}) as served:
        assert httpx.get(served.url + "/health/ready").json()["missing"] == ["supervision"]
        assert httpx.get(served.url + "/openapi.json").json()["tags"][-1]["name"] == "gateway"
        with late:
            wait_until_ready(served)
            assert httpx.get(served.url + "/openapi.json").json()["tags"][-1]["name"] == "supervision"
            assert httpx.get(served.url + "/v1/supervision/echo/x", headers=stage.bearer()).status_code == 200


@pytest.mark.parametrize("event", sorted(EVENT_TYPES))
def test_an_event_schema_is_found_by_its_address(event: str) -> None:
    schema = json.loads(find_schema(f"/schemas/{event}.json".encode()) or b"{}")
    assert (schema["$id"], schema["title"]) == (f"/schemas/{event}.json", event)


def test_anybody_may_read_a_schema_and_nothing_else_of_that_folder(gateway: Served) -> None:
    name = "supervision.period.missed.v1"
    answer = httpx.get(f"{gateway.url}/schemas/{name}.json")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/schema+json")
    assert answer.json()["$id"] == f"/schemas/{name}.json"
    assert httpx.head(f"{gateway.url}/schemas/{name}.json").status_code == 200
    assert httpx.post(f"{gateway.url}/schemas/{name}.json").status_code == 405
    for other in ("/schemas/unknown.v1.json", "/schemas/", "/schemas/.json", f"/schemas/{name}", "/schemas/a%00b.json"):
        assert httpx.get(gateway.url + other).status_code in (400, 404)


def test_docs_lead_to_the_reference(gateway: Served) -> None:
    assert httpx.get(gateway.url + "/docs").headers["location"] == "/reference"


def test_a_demonstration_token_opens_the_services(stage: Stage, demo_key: str) -> None:
    with stage.gateway(oidc_jwks="", demo_key_file=demo_key) as served:
        wanted = {"roles": ["reporting"], "worker_id": None, "org_unit_id": None}
        answer = httpx.post(served.url + "/auth/demo/tokens", json=wanted)
        assert answer.status_code == 200
        token = answer.json()
        assert token["token_type"] == "Bearer"
        assert token["expires_in"] > 3600
        headers = {"Authorization": f"Bearer {token['access_token']}"}
        assert httpx.get(served.url + "/v1/allocation/echo/x", headers=headers).status_code == 200
        assert "/auth/demo/tokens" in httpx.get(served.url + "/openapi.json").json()["paths"]


@pytest.mark.parametrize(
    ("body", "field", "says"),
    [
        ({"roles": ["wizard", "reporting"]}, "roles", "wizard"),
        ({"roles": ["service"]}, "roles", "service"),
        ({"roles": []}, "roles", "at least 1"),
        ({"roles": "reporting"}, "roles", "array"),
        ({}, "roles", "required"),
        ({"roles": ["reporting"], "sub": "x"}, "sub", "not permitted"),
        ("nonsense", "body", "JSON"),
    ],
)
def test_a_demonstration_token_is_refused_with_the_reason(
    stage: Stage, demo_key: str, body: Any, field: str, says: str
) -> None:
    content = body if isinstance(body, str) else json.dumps(body)
    with stage.gateway(demo_key_file=demo_key) as served:
        answer = httpx.post(served.url + "/auth/demo/tokens", headers=JSON, content=content)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    error = answer.json()["errors"][0]
    assert error["field"] == field
    assert says in error["problem"]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "evil.example"}, 403),
        ({"Host": "127.0.0.1.evil.example:80"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Content-Type": "text/plain"}, 415),
    ],
    ids=[
        "a name that was pointed here",
        "a name that looks like loopback",
        "a page elsewhere",
        "a sandboxed page",
        "a form",
    ],
)
def test_a_page_from_elsewhere_gets_no_demonstration_token(
    stage: Stage, demo_key: str, headers: dict[str, str], status: int
) -> None:
    with stage.gateway(demo_key_file=demo_key) as served:
        answer = httpx.post(
            served.url + "/auth/demo/tokens", headers={**JSON, **headers}, content=json.dumps({"roles": ["reporting"]})
        )
    assert answer.status_code == status
    assert "access_token" not in answer.text


def test_without_a_demonstration_key_there_are_no_tokens(gateway: Served) -> None:
    assert httpx.post(gateway.url + "/auth/demo/tokens", json={"roles": list(ROLES)}).status_code == 404


def test_a_gateway_that_others_can_reach_refuses_to_start_with_a_demonstration_key(stage: Stage, demo_key: str) -> None:
    with pytest.raises(ValueError, match="loopback"):
        create_gateway(stage.settings(host="0.0.0.0", demo_key_file=demo_key))


def test_a_gateway_without_keys_refuses_to_start(stage: Stage) -> None:
    with pytest.raises(ValueError, match="OIDC_JWKS"):
        create_gateway(stage.settings(oidc_jwks=""))


def test_the_commands_on_the_first_page_work_when_pasted(stage: Stage, demo_key: str) -> None:
    with stage.gateway(oidc_jwks="", demo_key_file=demo_key) as served:
        wait_until_ready(served)
        page = httpx.get(served.url + "/").text
        commands = [
            html.unescape(found) for found in re.findall(r"<pre[^>]*><code>(.*?)</code></pre>", page, re.DOTALL)
        ]
        assert len(commands) == 3
        stream = commands[2].replace("curl -sN", "curl -sN --max-time 2")
        script = "\n".join(
            [commands[0], 'echo "token: ${#TOKEN}"', commands[1] + " -o /dev/null -w '%{http_code}\\n'", stream]
        )
        done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, timeout=20, check=False)
    assert int(re.search(r"token: (\d+)", done.stdout)[1]) > 200  # type: ignore[index]
    assert "\n404\n" in done.stdout  # the service of this test has no alerts; the token was accepted
    assert "id: 1" in done.stdout


def test_a_stopping_gateway_ends_streams_and_keeps_nobody_waiting(stage: Stage) -> None:
    with (
        stage.gateway() as served,
        httpx.stream("GET", served.url + "/v1/events", headers=stage.bearer(), timeout=5) as answer,
    ):
        lines = answer.iter_lines()
        assert next(lines) == "id: 1"
        served.server.should_exit = True
        assert any(line == "id: 3" for line in lines)
        assert not served.server.force_exit
