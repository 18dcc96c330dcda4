"""The page at `/`: what runs, whether it is well, where things are, three commands to try."""

from __future__ import annotations

import re

from gateway.demo import DEMO_ROLES
from gateway.exchange import Exchange
from gateway.fleet import Fleet, Member
from gateway.openapi import METHODS
from gateway.rendering import Html, join, page, render
from gateway.settings import GatewaySettings

_HOST = re.compile(r"(?:[A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?")
_FIRST_IN_DEMONSTRATION = """TOKEN=$(curl -s {base}/auth/demo/tokens -H 'Content-Type: application/json' \\
  -d '{{"roles": ["principal_social_worker", "reporting"]}}' | sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/')"""
_FIRST = "curl -s {base}/health/ready"
_ALERTS = """curl -s -H "Authorization: Bearer $TOKEN" '{base}/v1/accountability/alerts?status=open'"""
_EVENTS = """curl -sN -H "Authorization: Bearer $TOKEN" -H 'Accept: text/event-stream' {base}/v1/events"""


def home(settings: GatewaySettings, fleet: Fleet, exchange: Exchange, *, demo: bool) -> Html:
    """The whole page."""
    base = base_url(settings, exchange)
    missing = fleet.missing
    content = render(
        "home",
        verdict="Not everything answers: " + ", ".join(missing) + "." if missing else "Everything answers.",
        verdict_class="unwell" if missing else "well",
        services=join(_service(name, member) for name, member in fleet.members.items()),
        tokens=render("home_tokens", roles=", ".join(DEMO_ROLES)) if demo else Html(""),
        try_note="Paste them one after the other into a terminal on this machine."
        if demo
        else "Paste them into a terminal where TOKEN holds an access token of your identity provider.",
        first_label="Get a token:" if demo else "Ask whether everything is well:",
        first=(_FIRST_IN_DEMONSTRATION if demo else _FIRST).format(base=base),
        second=_ALERTS.format(base=base),
        third=_EVENTS.format(base=base),
    )
    return page("Plumbline", content)


def base_url(settings: GatewaySettings, exchange: Exchange) -> str:
    """The address under which the reader sees this page, when it is a plausible one."""
    host = exchange.headers.get(b"host", b"").decode("latin-1")
    if not _HOST.fullmatch(host):
        host = f"{settings.host}:{settings.port}"
    return f"{exchange.scope.get('scheme', 'http')}://{host}"


def _service(name: str, member: Member) -> Html:
    paths = (member.document or {}).get("paths", {})
    count = sum(len(METHODS & item.keys()) for item in paths.values())
    operations = Html(f'<a href="/reference#tag-{name}">{count} operations</a>') if count else "not known yet"
    return render(
        "home_service",
        name=name,
        state=member.problem or "well",
        state_class="unwell" if member.problem else "well",
        operations=operations,
    )
