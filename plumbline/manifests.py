"""Kubernetes manifests of each service from one template: ``python -m plumbline.manifests`` writes, ``--check`` compares.

Whatever a service does in code, such as the topics it listens to, is what its manifest lets it do; nothing is written twice.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from chassis.service import Service
from contracts import topic_of
from plumbline.databases import variable
from plumbline.services import SERVICES, load

FOLDER = Path(__file__).parents[1] / "deploy" / "k8s"
RULES = FOLDER.parent / "observability" / "prometheus" / "rules.yaml"
HEADER = "# Made by `make manifests` from deploy/k8s/templates; change it there.\n"
MONITORS = "components/prometheus-operator/monitors"
PORT = 8000
LAG_PER_WORKER = 1000
_PART = re.compile(r"^( *)\{\{> ([\w-]+)\}\}$", re.MULTILINE)
_VALUE = re.compile(r"\{\{(\w+)\}\}")


@dataclass(frozen=True)
class Access:
    """What a service may do with one resource of the brokers."""

    kind: str
    name: str
    operations: tuple[str, ...]


def bus_access(service: Service) -> Iterator[Access]:
    """Everything a service's workers do on the bus, and nothing else."""
    own = topic_of(service.name)
    heard = [topic_of(name) for name in service.listens_to]
    yield Access("topic", own, ("Create", "Read", "Write") if own in heard else ("Create", "Write"))
    for topic in heard:
        if topic != own:
            yield Access("topic", topic, ("Create", "Read"))
    for topic in heard:
        yield Access("topic", f"{topic}.dead.{service.name}", ("Create", "Describe"))
    if heard:
        yield Access("group", service.name, ("Read",))


def render(template: str, values: Mapping[str, str]) -> str:
    """A template with its parts and values put in; KeyError when it asks for a value that is not given."""
    text = (FOLDER / "templates" / template).read_text()
    while _PART.search(text):
        text = _PART.sub(_part, text)
    return _VALUE.sub(lambda found: values[found[1]], text)


def _part(found: re.Match[str]) -> str:
    lines = (FOLDER / "templates" / "parts" / f"{found[2]}.yaml").read_text().splitlines()
    return "\n".join(found[1] + line if line else line for line in lines)


def manifests() -> dict[str, str]:
    """Every generated file by its path below deploy/k8s."""
    gateway = _named("gateway", "gateway")
    files = {"base/gateway.yaml": HEADER + render("gateway.yaml", gateway)}
    for name in SERVICES:
        files |= {path: HEADER + text for path, text in _of(load(name)).items()}
    files["components/certificates/services/gateway.yaml"] = HEADER + render("certificate.yaml", gateway)
    files[f"{MONITORS}/gateway.yaml"] = HEADER + render("pod-monitor.yaml", gateway)
    for folder in sorted({str(Path(path).parent) for path in files} - {"base"}):
        files[f"{folder}/kustomization.yaml"] = HEADER + _kustomization(folder, files)
    files["base/upstreams.env"] = f"UPSTREAMS={json.dumps({name: f'https://{name}:{PORT}' for name in SERVICES})}\n"
    files["components/postgres-cloudnativepg/roles.yaml"] = HEADER + _roles()
    files["components/operate/operate.yaml"] = HEADER + render(
        "operate.yaml", _named("operate", "operate") | {"databases": _databases()}
    )
    files["components/prometheus-operator/rules.yaml"] = HEADER + render("rules.yaml", {"groups": _groups()})
    return files


def _of(service: Service) -> dict[str, str]:
    name = service.name
    api, worker = _named(name, "api"), _named(name, "worker")
    parts = (
        render("api.yaml", api),
        render("worker.yaml", worker),
        render("migration.yaml", _named(name, "migration")),
    )
    scaling = [render("scaling-api.yaml", api)]
    if service.listens_to:
        scaling.append(render("scaling-worker.yaml", worker | {"triggers": _triggers(service)}))
    return {
        f"base/services/{name}.yaml": "---\n".join(parts),
        f"components/certificates/services/{name}.yaml": render("certificate.yaml", api),
        f"components/kafka-strimzi/users/{name}.yaml": render("kafka-user.yaml", worker | {"acls": _acls(service)}),
        f"components/postgres-cloudnativepg/databases/{name}.yaml": render("database.yaml", _named(name, "database")),
        f"components/autoscaling/services/{name}.yaml": "---\n".join(scaling),
        f"{MONITORS}/{name}.yaml": render("pod-monitor.yaml", _named(name, "api")),
    }


def _named(service: str, component: str) -> dict[str, str]:
    return {"service": service, "component": component}


def _acls(service: Service) -> str:
    return "\n".join(
        f"      - resource: {{type: {access.kind}, name: {access.name}, patternType: literal}}\n"
        f"        operations: [{', '.join(access.operations)}]"
        for access in bus_access(service)
    )


def _triggers(service: Service) -> str:
    return "\n".join(
        f"    - type: kafka\n"
        f"      authenticationRef: {{name: plumbline-scaling}}\n"
        f"      metadata:\n"
        f"        bootstrapServersFromEnv: KAFKA_BOOTSTRAP_SERVERS\n"
        f"        consumerGroup: {service.name}\n"
        f"        topic: {topic_of(name)}\n"
        f'        lagThreshold: "{LAG_PER_WORKER}" # one batch: a worker takes that many at a time\n'
        f"        offsetResetPolicy: earliest"
        for name in service.listens_to
    )


def _roles() -> str:
    """A patch of the database cluster: one role a service, whose password is in a secret."""
    return "".join(
        f"- op: add\n  path: /spec/managed/roles/-\n  value:\n"
        f"    name: plumbline_{name}\n    ensure: present\n    login: true\n"
        f"    passwordSecret: {{name: plumbline-{name}-database}}\n"
        for name in SERVICES
    )


def _databases() -> str:
    """The environment of whoever operates: each service's database, with its password put in by Kubernetes."""
    return "\n".join(
        f"            - name: PASSWORD_{name.upper()}\n"
        f"              valueFrom:\n"
        f"                secretKeyRef:\n"
        f"                  name: plumbline-{name}-database\n"
        f"                  key: password\n"
        f"            - name: {variable(name)}\n"
        f"              value: postgresql://plumbline_{name}:$(PASSWORD_{name.upper()})@/plumbline_{name}"
        for name in SERVICES
    )


def _groups() -> str:
    """The groups of rules as they are written for Prometheus, a step further in."""
    groups = RULES.read_text().partition("\ngroups:\n")[2].rstrip()
    return "\n".join(f"  {line}" if line else line for line in groups.splitlines())


def _kustomization(folder: str, files: Mapping[str, str]) -> str:
    names = sorted(Path(path).name for path in files if str(Path(path).parent) == folder)
    listed = "\n".join(f"  - {name}" for name in names)
    return f"apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n{listed}\n"


def stale() -> list[str]:
    """Generated files that are missing, out of date, or no longer made."""
    made = manifests()
    there = {
        str(path.relative_to(FOLDER))
        for folder in {str(Path(path).parent) for path in made}
        for path in (FOLDER / folder).glob("*")
        if path.is_file() and path.suffix == ".yaml" and path.read_text().startswith(HEADER)
    }
    differing = {
        path for path, text in made.items() if not (FOLDER / path).exists() or (FOLDER / path).read_text() != text
    }
    return sorted(differing | (there - made.keys()))


def write() -> None:
    """Write every generated file, and remove those that are no longer made."""
    for path in stale():
        (FOLDER / path).unlink(missing_ok=True)
    for path, text in manifests().items():
        file = FOLDER / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)


def main(arguments: Sequence[str]) -> int:
    """Write, or with ``--check`` say what is out of date."""
    if "--check" not in arguments:
        write()
        return 0
    for path in stale():
        print(f"deploy/k8s/{path} is out of date: run make manifests")
    return 1 if stale() else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
