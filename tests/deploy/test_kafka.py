"""The Kafka of the compose files: its storage tool takes the mounted configuration, formatted once and found again."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.data_sets import ROOT
from tests.deploy.compose_files import MODELS


@pytest.mark.parametrize("kind", MODELS)
def test_the_broker_is_started_with_its_storage_made_first(kind: str) -> None:
    service = MODELS[kind]["services"]["kafka"]
    assert service["entrypoint"] == ["/bin/bash", "-ec"]
    (script,) = service["command"]
    assert script.index("kafka-storage.sh format") < script.index("exec bin/kafka-server-start.sh")


@pytest.mark.kafka
@pytest.mark.parametrize("kind", MODELS)
def test_kafka_accepts_its_configuration(kind: str, tmp_path: Path) -> None:
    from scripts.real_kafka import fetch

    text = (ROOT / "docker" / "kafka.properties").read_text(encoding="utf-8")
    (tmp_path / "kafka.properties").write_text(text.replace("/var/lib/kafka/data", str(tmp_path)), encoding="utf-8")
    script = MODELS[kind]["services"]["kafka"]["command"][0]
    (arguments,) = re.findall(r"kafka-storage\.sh (format (?:[^\\\n]|\\\n)+)", script)
    words = arguments.replace("\\\n", " ").replace("/etc/floorpulse", str(tmp_path)).split()
    java = [shutil.which("java") or "java", "-cp", f"{fetch()}/*", "kafka.tools.StorageTool", *words]
    for _ in range(2):  # the second start finds formatted storage
        done = subprocess.run(
            java, capture_output=True, text=True, check=False, env={**os.environ, "LOG_DIR": str(tmp_path)}
        )
        assert done.returncode == 0, done.stdout + done.stderr
