"""One Apache Kafka broker (KRaft, controller and broker in one process) that a test may stop, kill, pause and empty.

    python -m tests.support.kafka.broker --port 9092 --dir .plumbline/kafka/broker

runs one in the foreground for people.
"""

from __future__ import annotations

import argparse
import base64
import ctypes
import os
import secrets
import shutil
import signal
import socket
import struct
import subprocess
import sys
import time
import uuid
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.kafka.jars import classpath

HOST = "127.0.0.1"
START_TIMEOUT_S = 90.0
STOP_TIMEOUT_S = 30.0
_PR_SET_PDEATHSIG = 1
_NOT_GIVEN_AWAY = range(20000, 32000)  # below what Linux takes ports of outgoing connections from

# Small heap and the quick compiler only: a test broker lives for seconds and shares two cores with what it serves.
_JVM = (
    "java",
    "-Xmx384m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-XX:-UsePerfData",
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
    "-Dorg.slf4j.simpleLogger.showDateTime=true",
    "-Dorg.slf4j.simpleLogger.dateTimeFormat=HH:mm:ss.SSS",
)


def free_port() -> int:
    """A loopback port that nobody listens on, and that the kernel gives to no outgoing connection before someone does."""
    while True:
        with socket.socket() as probe, suppress(OSError):
            probe.bind((HOST, secrets.choice(_NOT_GIVEN_AWAY)))
            return int(probe.getsockname()[1])


def answers(port: int, timeout_s: float = 2.0) -> bool:
    """Whether a broker on this port answers a request (ApiVersions, version 0), not merely accepts a connection."""
    body = struct.pack(">hhih", 18, 0, 1, -1)
    try:
        with socket.create_connection((HOST, port), timeout=timeout_s) as link:
            link.sendall(struct.pack(">i", len(body)) + body)
            return len(link.recv(4)) == 4
    except OSError:
        return False


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _is_stopped(pid: int) -> bool:
    """Whether every thread of a process is stopped."""
    return os.waitid(os.P_PID, pid, os.WSTOPPED | os.WNOHANG | os.WNOWAIT) is not None


def _random_cluster_id() -> str:
    # Kafka's tool takes an id that begins with a dash for an option; this one begins with a T.
    return base64.urlsafe_b64encode(bytes([0x4C]) + uuid.uuid4().bytes[1:]).decode().rstrip("=")


@dataclass
class KafkaBroker:
    """A broker process and its folder. It dies with the thread that started it, so a killed test run leaves none."""

    home: Path
    port: int = field(default_factory=free_port)
    advertised_port: int = 0
    """Where clients are told to connect when that is not ``port``: a proxy in front of the broker."""
    properties: Mapping[str, str] = field(default_factory=dict)
    cluster_id: str = field(default_factory=_random_cluster_id)
    controller_port: int = field(default_factory=free_port)
    _process: subprocess.Popen[bytes] | None = None

    @property
    def bootstrap(self) -> str:
        """The address for clients."""
        return f"{HOST}:{self.port}"

    @property
    def log_file(self) -> Path:
        """What the broker printed, over all its starts."""
        return self.home / "broker.log"

    @property
    def running(self) -> bool:
        """Whether the process exists (it may be paused)."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start on the log that is there, or on a newly formatted one, and return when it answers."""
        self.home.mkdir(parents=True, exist_ok=True)
        settings = self.home / "server.properties"
        settings.write_text("".join(f"{name}={value}\n" for name, value in self._settings().items()))
        if not (self.home / "log").exists():
            self._java("kafka.tools.StorageTool", "format", "-t", self.cluster_id, "-c", str(settings))
        with self.log_file.open("ab") as log:
            self._process = subprocess.Popen(
                [*_JVM, "-cp", classpath(), "kafka.Kafka", str(settings)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=_die_with_parent,  # noqa: PLW1509 - one prctl call, nothing that could hold a lock
                start_new_session=True,
            )
        self._await_answer()

    def stop(self) -> None:
        """Shut down in order; a broker that does not heed is killed."""
        if self._process is None:
            return
        self.resume()
        self._process.terminate()
        try:
            self._process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self.kill()
        self._process = None

    def kill(self) -> None:
        """SIGKILL, as a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(STOP_TIMEOUT_S)
            self._process = None

    def pause(self) -> None:
        """SIGSTOP: connections stay open and nothing answers, from when this returns."""
        self._signal(signal.SIGSTOP)
        end = time.monotonic() + STOP_TIMEOUT_S
        # On a busy machine the threads run on until the one that was told has had its turn.
        while self.running and self._process and not _is_stopped(self._process.pid):
            assert time.monotonic() < end, "the broker does not stop"
            time.sleep(0.005)

    def resume(self) -> None:
        """SIGCONT."""
        self._signal(signal.SIGCONT)

    def restart(self, *, keep_log: bool = True, kill: bool = False) -> None:
        """Come back on the same port, with the log or with an empty one."""
        if kill:
            self.kill()
        else:
            self.stop()
        if not keep_log:
            shutil.rmtree(self.home / "log")
        self.start()

    def wait(self) -> int:
        """Wait for the process to end by itself."""
        return self._process.wait() if self._process is not None else 0

    def _signal(self, number: signal.Signals) -> None:
        if self.running and self._process is not None:
            self._process.send_signal(number)

    def _java(self, *command: str) -> None:
        done = subprocess.run(
            [*_JVM, "-cp", classpath(), *command], check=False, capture_output=True, text=True, timeout=60
        )
        if done.returncode != 0:
            raise RuntimeError(f"{command[0]} failed: {(done.stdout + done.stderr)[-800:]}")

    def _await_answer(self) -> None:
        end = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < end:
            if not self.running:
                raise RuntimeError(f"the broker ended at once: {self.log_file.read_text()[-800:]}")
            if answers(self.port):
                return
            time.sleep(0.05)
        self.kill()
        raise TimeoutError(f"the broker did not answer in {START_TIMEOUT_S:.0f} s, see {self.log_file}")

    def _settings(self) -> dict[str, str]:
        return {
            "process.roles": "broker,controller",
            "node.id": "1",
            "controller.quorum.voters": f"1@{HOST}:{self.controller_port}",
            "listeners": f"PLAINTEXT://{self.bootstrap},CONTROLLER://{HOST}:{self.controller_port}",
            "advertised.listeners": f"PLAINTEXT://{HOST}:{self.advertised_port or self.port}",
            "controller.listener.names": "CONTROLLER",
            "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
            "log.dirs": str(self.home / "log"),
            **COMMON,
            **self.properties,
        }


COMMON = {
    "auto.create.topics.enable": "false",
    "num.partitions": "6",
    "default.replication.factor": "1",
    "offsets.topic.replication.factor": "1",
    "offsets.topic.num.partitions": "4",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "transaction.state.log.num.partitions": "1",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    "group.initial.rebalance.delay.ms": "0",
    "group.min.session.timeout.ms": "500",
    "log.cleaner.dedupe.buffer.size": "2097152",
}


def main() -> int:
    """Run one broker until it is interrupted."""
    parser = argparse.ArgumentParser(description="Run an Apache Kafka broker in the foreground.")
    parser.add_argument("--port", type=int, default=9092)
    parser.add_argument("--dir", type=Path, default=Path(".plumbline/kafka/broker"))
    chosen = parser.parse_args()
    broker = KafkaBroker(home=chosen.dir.resolve(), port=chosen.port)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    broker.start()
    sys.stdout.write(f"Kafka answers on {broker.bootstrap}; its log is {broker.log_file}. Ctrl-C stops it.\n")
    sys.stdout.flush()
    try:
        return broker.wait()
    except KeyboardInterrupt:
        broker.stop()
        return 0


if __name__ == "__main__":
    sys.exit(main())
