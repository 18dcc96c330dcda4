"""Who may talk to whom: nobody to anybody, but for the ways that are named here."""

from __future__ import annotations

from collections.abc import Iterator

from plumbline.services import SERVICES
from tests.deploy.built import Object, Overlay, labels, matches, named, overlay
from tests.deploy.settings import own_settings

ASKING = {"accountability", "registration"}
"""Services that ask others for personal data at the moment of need."""


def _selecting(built: Overlay, workload: Object, direction: str) -> list[Object]:
    return [
        policy
        for policy in built.of("NetworkPolicy")
        if direction in policy["spec"]["policyTypes"] and matches(policy["spec"]["podSelector"], labels(workload))
    ]


def allowed(built: Overlay, source: Object, target: Object) -> bool:
    """Whether both ends let a connection between two of our workloads through."""
    return _lets(_selecting(built, source, "Egress"), "egress", "to", target) and _lets(
        _selecting(built, target, "Ingress"), "ingress", "from", source
    )


def _lets(policies: list[Object], rules: str, ends: str, other: Object) -> bool:
    return any(
        "podSelector" in end and "namespaceSelector" not in end and matches(end["podSelector"], labels(other))
        for policy in policies
        for rule in policy["spec"].get(rules, [])
        for end in rule[ends]
    )


def outward(built: Overlay, workload: Object) -> set[int]:
    """The ports on which a workload may reach anything."""
    return {port for policy in _selecting(built, workload, "Egress") for port in _ports(policy, "egress")}


def _ports(policy: Object, rules: str) -> Iterator[int]:
    for rule in policy["spec"].get(rules, []):
        yield from (port["port"] for port in rule["ports"])


def test_everything_is_denied_first(built: Overlay) -> None:
    denial = built.get("NetworkPolicy", "default-deny")["spec"]
    assert denial == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}


def test_a_policy_covers_every_pod_in_both_directions(built: Overlay) -> None:
    for one in built.workloads():
        assert _selecting(built, one, "Ingress"), named(one)
        ways = {policy["metadata"]["name"] for policy in _selecting(built, one, "Egress")}
        assert ways > {"default-deny", "everyone-resolves-names"}, named(one)


def test_who_talks_to_whom(built: Overlay) -> None:
    talking = {
        (named(source), named(target))
        for source in built.workloads()
        for target in built.workloads()
        if source is not target and allowed(built, source, target)
    }
    expected = {("Deployment gateway", f"Deployment {name}") for name in SERVICES}
    for asking in ASKING:
        for source in (f"Deployment {asking}", f"StatefulSet {asking}-worker"):
            expected |= {(source, f"Deployment {name}") for name in SERVICES if source != f"Deployment {name}"}
    assert talking == expected


def test_each_part_reaches_what_it_needs_and_nothing_else(built: Overlay) -> None:
    dns, https, traces, services, database, brokers, mail = (
        {53},
        {443, 8443},
        {4318},
        {8000},
        {5432},
        {9093},
        {465, 587},
    )
    for one in built.workloads():
        about = labels(one)
        name, component = about["app.kubernetes.io/name"], about["app.kubernetes.io/component"]
        expected = {
            "gateway": dns | https | traces | services,
            "api": dns | https | traces | database,
            "worker": dns | https | traces | database | brokers,
            "migration": dns | database,
        }[component]
        if name in ASKING and component != "migration":
            expected = expected | services
        if component == "worker" and any("smtp_url" in own.model_fields for own in own_settings(name)):
            expected = expected | mail
        assert outward(built, one) == expected, named(one)


def test_only_the_ways_in_are_open_to_other_namespaces(built: Overlay) -> None:
    for one in built.workloads():
        from_outside = {
            end["namespaceSelector"]["matchLabels"]["kubernetes.io/metadata.name"]
            for policy in _selecting(built, one, "Ingress")
            for rule in policy["spec"].get("ingress", [])
            for end in rule["from"]
            if "namespaceSelector" in end
        }
        component = labels(one)["app.kubernetes.io/component"]
        monitoring = set() if component == "migration" else {"monitoring"}
        assert from_outside == monitoring | ({"ingress-nginx"} if component == "gateway" else set()), named(one)


def test_no_address_of_a_clouds_metadata_is_reached(built: Overlay) -> None:
    for policy in built.of("NetworkPolicy"):
        for rule in policy["spec"].get("egress", []):
            for end in rule["to"]:
                block = end.get("ipBlock", {"cidr": ""})
                assert block["cidr"] != "0.0.0.0/0" or "169.254.0.0/16" in block["except"], named(policy)


def test_where_nothing_comes_from_outside_nothing_goes_out() -> None:
    private = {"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"}
    for policy in overlay("airgapped").of("NetworkPolicy"):
        for rule in policy["spec"].get("egress", []):
            assert {end["ipBlock"]["cidr"] for end in rule["to"] if "ipBlock" in end} <= private, named(policy)
