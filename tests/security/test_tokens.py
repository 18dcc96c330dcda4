"""Tokens that open nothing: not at the gateway, and not at any service behind it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from chassis.testing import ISSUER
from gateway.tests.conftest import AUDIENCE, gateway, stage
from gateway.tests.conftest import ISSUER as GATEWAY_ISSUER
from gateway.tests.conftest import Served as Gateway
from gateway.tests.conftest import Stage as GatewayStage
from plumbline.services import SERVICES
from tests.security.corpus.tokens import TOKENS, Forger
from tests.security.stage import ENDLESS, Stage, stage_of
from tests.security.tally import Tally

__all__ = ["gateway", "stage"]  # fixtures of the gateway's own tests
WHERE_IT_STANDS = ("query", "cookie", "body", "header of another name", "second header", "basic")


@pytest.fixture(scope="module")
def forged() -> dict[str, str]:
    forger = Forger(ISSUER, "https://test.invalid", "plumbline")
    return {what: make(forger) for what, make in TOKENS}


@pytest.fixture(scope="module", params=SERVICES)
async def service(request: pytest.FixtureRequest, postgres: str) -> AsyncIterator[Stage]:
    async with stage_of(postgres, request.param) as stage:
        yield stage


def a_read(service: Stage) -> str:
    """An operation without parameters that asks for a token."""
    plain = (path for path, item in service.document["paths"].items() if "get" in item and "{" not in path)
    asking = (path for path in plain if service.document["paths"][path]["get"]["security"])
    return next(str(path) for path in asking if path != ENDLESS)


def test_a_good_token_is_let_in(service: Stage) -> None:
    good = Forger(ISSUER, "https://test.invalid", "plumbline").signed()
    answer = service.send("GET", a_read(service), headers={"Authorization": f"Bearer {good}"})
    assert answer.status_code != 401, answer.text


def test_no_service_lets_a_bad_token_in(service: Stage, forged: dict[str, str], tally: Tally) -> None:
    path, let_in = a_read(service), []
    for what, token in forged.items():
        answer = service.send("GET", path, headers={"Authorization": f"Bearer {token}".encode()})
        if answer.status_code != 401 or answer.headers.get("www-authenticate") != "Bearer":
            let_in.append(f"{what}: {answer.status_code} {answer.text}")
    tally.add("bad tokens at each service", len(forged), not let_in)
    assert not let_in, "\n".join(let_in)


@pytest.mark.parametrize("where", WHERE_IT_STANDS)
def test_a_good_token_counts_in_its_own_header_alone(service: Stage, where: str) -> None:
    good = Forger(ISSUER, "https://test.invalid", "plumbline").signed()
    lines = {
        "cookie": [("Cookie", f"access_token={good}; Authorization=Bearer {good}")],
        "header of another name": [("X-Authorization", f"Bearer {good}"), ("Proxy-Authorization", f"Bearer {good}")],
        "second header": [("Authorization", "Bearer x"), ("Authorization", f"Bearer {good}")],
        "basic": [("Authorization", f"Basic {good}")],
    }
    request = {"params": {"access_token": good}} if where == "query" else {}
    content = f"access_token={good}".encode() if where == "body" else None
    answer = service.send("GET", a_read(service), headers=lines.get(where, []), content=content, **request)
    assert answer.status_code == 401


def test_the_gateway_lets_no_bad_token_in(gateway: Gateway, stage: GatewayStage, tally: Tally) -> None:
    forger, let_in = Forger(stage.issuer, GATEWAY_ISSUER, AUDIENCE), []
    before = len(stage.states["allocation"]["calls"])
    with client(gateway) as http:
        for what, make in TOKENS:
            answer = http.get("/v1/allocation/echo/x", headers={b"Authorization": f"Bearer {make(forger)}".encode()})
            if answer.status_code != 401:
                let_in.append(f"{what}: {answer.status_code} {answer.text}")
        good = http.get("/v1/allocation/echo/x", headers={"Authorization": f"Bearer {forger.signed()}"})
    tally.add("bad tokens at the gateway", len(TOKENS), not let_in)
    assert not let_in, "\n".join(let_in)
    assert good.status_code == 200, good.text
    assert len(stage.states["allocation"]["calls"]) == before + 1


def client(gateway: Gateway) -> httpx.Client:
    return httpx.Client(base_url=gateway.url, timeout=10)
