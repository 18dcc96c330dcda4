"""The same broker in a container, for machines that have Docker but no Java."""

from __future__ import annotations

import re
import subprocess
import time
import uuid
from dataclasses import dataclass, field

from tests.support.kafka.broker import COMMON, HOST, START_TIMEOUT_S, answers, free_port
from tests.support.kafka.jars import POM


def image() -> str:
    """The image of the version that pom.xml pins."""
    version = re.search(r"<kafka\.version>(.+?)</kafka\.version>", POM.read_text())
    if version is None:
        raise RuntimeError(f"{POM} pins no kafka.version")
    return f"apache/kafka:{version.group(1)}"


def docker_answers() -> bool:
    """Whether a Docker engine is there to start containers."""
    try:
        return subprocess.run(["docker", "version"], check=False, capture_output=True, timeout=20).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


@dataclass
class DockerBroker:
    """A broker container with the handles of :class:`~tests.support.kafka.broker.KafkaBroker`."""

    port: int = field(default_factory=free_port)
    advertised_port: int = 0
    _name: str = field(default_factory=lambda: f"plumbline-kafka-{uuid.uuid4().hex[:8]}")

    @property
    def bootstrap(self) -> str:
        """The address for clients."""
        return f"{HOST}:{self.port}"

    def start(self) -> None:
        """Create the container, or start the one that was stopped, and return when it answers."""
        if self._exists():
            self._docker("start", self._name)
        else:
            self._docker(
                "run", "-d", "--name", self._name, "-p", f"{HOST}:{self.port}:9092", *self._environment(), image()
            )
        end = time.monotonic() + START_TIMEOUT_S
        while not answers(self.port):
            if time.monotonic() > end:
                raise TimeoutError(f"the broker in {self._name} did not answer in {START_TIMEOUT_S:.0f} s")
            time.sleep(0.1)

    def stop(self) -> None:
        """Remove the container and its log."""
        self._docker("rm", "-f", "-v", self._name)

    def kill(self) -> None:
        """SIGKILL."""
        self._docker("kill", self._name)

    def pause(self) -> None:
        """Freeze: connections stay open and nothing answers."""
        self._docker("pause", self._name)

    def resume(self) -> None:
        """Go on."""
        self._docker("unpause", self._name)

    def restart(self, *, keep_log: bool = True, kill: bool = False) -> None:
        """Come back on the same port, with the log or with an empty one."""
        if not keep_log:
            self.stop()
        elif kill:
            self.kill()
        else:
            self._docker("stop", self._name)
        self.start()

    def _exists(self) -> bool:
        return (
            subprocess.run(["docker", "inspect", self._name], check=False, capture_output=True, timeout=20).returncode
            == 0
        )

    def _docker(self, *command: str) -> None:
        done = subprocess.run(["docker", *command], check=False, capture_output=True, text=True, timeout=300)
        if done.returncode != 0:
            raise RuntimeError(f"docker {command[0]} failed: {done.stderr[-400:]}")

    def _environment(self) -> list[str]:
        settings = {
            "process.roles": "broker,controller",
            "node.id": "1",
            "controller.quorum.voters": "1@localhost:9093",
            "listeners": "PLAINTEXT://:9092,CONTROLLER://:9093",
            "advertised.listeners": f"PLAINTEXT://{HOST}:{self.advertised_port or self.port}",
            "controller.listener.names": "CONTROLLER",
            "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
            **COMMON,
        }
        named = (f"KAFKA_{name.upper().replace('.', '_')}={value}" for name, value in settings.items())
        return [part for setting in named for part in ("-e", setting)]
