"""Settings from ``KAFKA_...`` variables, storage made on the first start, then the broker in this process's place."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

DATA = Path("/var/lib/kafka/data/log")
SETTINGS = Path("/tmp/server.properties")
JAVA = ("java", "-Xmx384m", "-XX:+UseSerialGC", "-cp", "/opt/kafka/libs/*")

given = {
    name.removeprefix("KAFKA_").lower().replace("_", "."): value
    for name, value in os.environ.items()
    if name.startswith("KAFKA_")
}
settings = {"log.dirs": str(DATA), **given}
SETTINGS.write_text("".join(f"{name}={value}\n" for name, value in settings.items()))
if not DATA.exists():
    made = [*JAVA, "kafka.tools.StorageTool", "format", "-t", "cGx1bWJsaW5lLXN0YW5kLQ", "-c", str(SETTINGS)]
    subprocess.run(made, check=True)
os.execvp("java", [*JAVA, "kafka.Kafka", str(SETTINGS)])
