"""Dashboards, rules and settings of what watches Plumbline speak of what is there."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from chassis.clock import Clock
from chassis.testing import ISSUER, load, serving
from gateway.app import create_gateway
from gateway.settings import GatewaySettings
from plumbline.services import SERVICES

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "deploy" / "observability"
RULES = yaml.safe_load((FOLDER / "prometheus" / "rules.yaml").read_text())
DASHBOARDS = {file.name: json.loads(file.read_text()) for file in sorted((FOLDER / "dashboards").glob("*.json"))}
OF_PROMETHEUS = {"up"}
_WORDS = {"and", "or", "unless", "bool", "by", "without", "on", "ignoring", "offset"}


def rules() -> Iterator[dict[str, Any]]:
    for group in RULES["groups"]:
        yield from group["rules"]


def expressions() -> dict[str, str]:
    """Every expression, by where it stands."""
    found = {rule.get("alert") or rule["record"]: rule["expr"] for rule in rules()}
    for name, board in DASHBOARDS.items():
        for panel in board["panels"]:
            found |= {f"{name}: {panel['title']} {target['refId']}": target["expr"] for target in panel["targets"]}
    return found


def metrics_of(expression: str) -> set[str]:
    """The names of metrics in an expression of Prometheus."""
    bare = re.sub(r"\{[^}]*\}|\[[^\]]*\]|\b(?:by|without|on|ignoring)\s*\([^)]*\)", " ", expression)
    return set(re.findall(r"(?<![\w:.$])[a-z_][\w:]*(?!\w|\s*\()", bare)) - _WORDS


@pytest.fixture(scope="module")
async def exposed(postgres: str) -> set[str]:
    """The names of all series that accountability and the gateway show."""
    async with serving(postgres, load("accountability"), Clock()) as (client, _):
        text = (await client.get("/metrics")).text
    gateway = create_gateway(GatewaySettings(oidc_jwks=ISSUER.jwks()))
    gateway._metrics.answered("workforce", 200, 0.01)
    gateway._metrics.refused("token-required")
    families = [*text_string_to_metric_families(text), *text_string_to_metric_families(gateway._metrics.text())]
    endings = {
        "counter": ("_total",),
        "histogram": ("_bucket", "_count", "_sum"),
        "gauge": ("",),
        "unknown": ("",),
        "info": ("_info",),
        "summary": ("_count", "_sum"),
    }
    return {family.name + ending for family in families for ending in endings[family.type]}


@pytest.mark.parametrize("place", expressions())
def test_every_metric_that_is_spoken_of_is_one_that_services_or_rules_show(exposed: set[str], place: str) -> None:
    recorded = {rule["record"] for rule in rules() if "record" in rule}
    spoken = metrics_of(expressions()[place])
    assert spoken, "an expression without a metric"
    assert spoken - exposed - recorded - OF_PROMETHEUS == set()


@pytest.mark.parametrize(
    ("expression", "names"),
    [
        ('sum by (service) (rate(a_total{status=~"5.."}[5m])) / (b > 0)', {"a_total", "b"}),
        ("plumbline:x:ratio > 14.4 * 0.001 and up == 0", {"plumbline:x:ratio", "up"}),
        ("histogram_quantile(0.5, sum by (le) (rate(c_bucket[$__rate_interval])))", {"c_bucket"}),
    ],
)
def test_names_are_found_in_expressions(expression: str, names: set[str]) -> None:
    assert metrics_of(expression) == names


@pytest.mark.parametrize("alert", [rule for rule in rules() if "alert" in rule], ids=lambda rule: str(rule["alert"]))
def test_every_alert_says_what_it_means_and_where_it_is_written_what_to_do(alert: dict[str, Any]) -> None:
    told = alert["annotations"]
    assert told["summary"]
    assert told["description"]
    assert alert["labels"]["severity"] in ("page", "ticket")
    runbook = ROOT / told["runbook"]
    assert runbook.is_file()
    assert alert["alert"] in runbook.read_text(), f"{runbook.name} does not say what {alert['alert']} is"


def test_there_is_an_alert_for_each_thing_that_needs_a_person() -> None:
    watched = " ".join(rule["expr"] for rule in rules() if "alert" in rule)
    for name in (
        "consumer_lag_events",
        "outbox_oldest_seconds",
        "parked_keys",
        "notifications_total",
        "failures:ratio",
    ):
        assert name in watched


def test_dashboards_are_whole() -> None:
    uids = [board["uid"] for board in DASHBOARDS.values()]
    assert len(uids) == len(set(uids)) >= 2
    for board in DASHBOARDS.values():
        ids = [panel["id"] for panel in board["panels"]]
        assert len(ids) == len(set(ids))
        named = re.findall(r"docs/runbooks/[\w-]+\.md", json.dumps(board))
        assert [file for file in named if not (ROOT / file).is_file()] == []
        assert {target["datasource"]["uid"] for panel in board["panels"] for target in panel["targets"]} == {
            "prometheus"
        }


def test_prometheus_reads_every_part_of_the_deployment() -> None:
    jobs = yaml.safe_load((FOLDER / "prometheus" / "prometheus.yaml").read_text())["scrape_configs"]
    targets = {target for job in jobs for static in job["static_configs"] for target in static["targets"]}
    assert {f"{name}:8000" for name in (*SERVICES, "gateway")} <= targets


def test_grafana_finds_its_sources_and_dashboards_where_compose_puts_them() -> None:
    provisioned = FOLDER / "grafana" / "provisioning"
    sources = yaml.safe_load((provisioned / "datasources" / "plumbline.yaml").read_text())["datasources"]
    [provider] = yaml.safe_load((provisioned / "dashboards" / "plumbline.yaml").read_text())["providers"]
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    mounts = dict(volume.split(":")[:2] for volume in compose["grafana"]["volumes"])
    assert mounts["./deploy/observability/dashboards"] == provider["options"]["path"]
    assert {httpx.URL(source["url"]).host for source in sources} <= compose.keys()


def test_every_file_that_compose_mounts_is_there() -> None:
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    mounted = [volume.split(":")[0] for part in compose.values() for volume in part.get("volumes", ())]
    assert [path for path in mounted if path.startswith(".") and not (ROOT / path).exists()] == []


def test_the_collector_routes_what_it_receives_through_what_it_defines() -> None:
    collector = yaml.safe_load((FOLDER / "otel" / "collector.yaml").read_text())
    for pipeline in collector["service"]["pipelines"].values():
        for kind in ("receivers", "processors", "exporters"):
            assert set(pipeline[kind]) <= collector[kind].keys()


@pytest.mark.parametrize(
    ("address", "status"), [("10.1.200.3", 200), ("10.2.0.1", 403), ("127.0.0.1", 403), ("who", 403)]
)
async def test_metrics_of_the_gateway_are_read_from_named_networks_only(address: str, status: int) -> None:
    gateway = create_gateway(
        GatewaySettings.model_validate({"metrics_networks": ["10.1.0.0/16"], "oidc_jwks": ISSUER.jwks()})
    )
    async with AsyncExitStack() as stack:
        await gateway._open(stack)
        transport = httpx.ASGITransport(app=gateway, client=(address, 1))
        client = await stack.enter_async_context(httpx.AsyncClient(transport=transport, base_url="http://gateway"))
        assert (await client.get("/metrics")).status_code == status


def test_the_page_on_watching_lists_every_alert() -> None:
    page = (ROOT / "docs" / "operations" / "watch.md").read_text()
    assert [rule["alert"] for rule in rules() if "alert" in rule and f"`{rule['alert']}`" not in page] == []
