"""Every command for the brokers that the documents give is run on a real one, as it stands there."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from pathlib import Path

import pytest

from chassis.bus.kafka import KafkaBus
from contracts import topic_of
from plumbline.services import SERVICES
from tests.support.kafka.broker import _JVM, KafkaBroker
from tests.support.kafka.jars import classpath
from tests.support.plugin import Broker

DOCS = Path(__file__).resolve().parents[2] / "docs"
PROGRAMS = {
    "kafka-topics.sh": "org.apache.kafka.tools.TopicCommand",
    "kafka-consumer-groups.sh": "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand",
}
GROUP = "workforce"


def commands() -> list[str]:
    """The commands of all pages; those that delete come last."""
    found = {
        command.partition(" | ")[0].partition(";")[0].strip()
        for page in sorted(DOCS.rglob("*.md"))
        for command in re.findall(r"kafka-[a-z-]+\.sh [^`\n]+", page.read_text())
    }
    return sorted(found, key=lambda command: ("--delete" in command, "--delete --topic" in command, command))


def test_the_documents_give_commands_for_programs_that_are_known() -> None:
    assert len(commands()) >= 6
    assert {command.split()[0] for command in commands()} == PROGRAMS.keys()


@pytest.fixture
async def spoken_of(spare_kafka_broker: Broker) -> Broker:
    """A broker with every topic, and a group that has read some and has left."""
    bus = KafkaBus(spare_kafka_broker.bootstrap)
    await bus.ensure_topics([topic_of(name) for name in SERVICES])
    topic = topic_of("allocation")
    subscription = await bus.subscribe(GROUP, [topic], "reader")
    await subscription.fetch(1, 5)
    await subscription.commit({(topic, 0): 0})
    await subscription.close()
    await bus.close()
    return spare_kafka_broker


@pytest.mark.skipif(os.environ.get("FAULTS") != "long", reason="in the long run: FAULTS=long")
def test_each_command_does_what_the_page_says(spoken_of: Broker, tmp_path: Path) -> None:
    if not isinstance(spoken_of, KafkaBroker):
        pytest.skip("needs the programs of Kafka beside the broker")
    (tmp_path / "offsets.csv").write_text(f"{topic_of('allocation')},0,0\n")
    failed = []
    for command in commands():
        given = command.replace("HOST:PORT", spoken_of.bootstrap).replace("SERVICE", GROUP).replace('"$group"', GROUP)
        program, *arguments = shlex.split(given)
        done = subprocess.run(
            [*_JVM, "-cp", classpath(), PROGRAMS[program], *arguments],
            check=False,
            capture_output=True,
            text=True,
            timeout=120,
            cwd=tmp_path,
        )
        if done.returncode or "Error:" in done.stdout + done.stderr:
            failed.append(f"{command}\n{(done.stdout + done.stderr)[-600:]}")
    assert failed == []
