"""A real Apache Kafka of our own: fetched with Maven into .cache, one KRaft node on loopback, gone when we are.

`python scripts/real_kafka.py` runs one until Ctrl-C; `--fetch` only fills the cache. Needs Java 17 and Maven.
"""

import argparse
import base64
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from floorpulse.embedded import HOST, free_port
from floorpulse.errors import UserError
from floorpulse.processes import Children, stopping_on_signals, wait_until

VERSION = "4.1.1"
CACHE = Path(__file__).resolve().parents[1] / ".cache" / f"kafka-{VERSION}"
HEAP = "-Xmx512m"
READY_SECONDS = 60.0

POM = f"""<project>
  <modelVersion>4.0.0</modelVersion>
  <groupId>io.floorpulse</groupId>
  <artifactId>real-kafka</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>org.apache.kafka</groupId>
      <artifactId>kafka_2.13</artifactId>
      <version>{VERSION}</version>
    </dependency>
  </dependencies>
</project>
"""

PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.bootstrap.servers={host}:{controller}
listeners=PLAINTEXT://{host}:{broker},CONTROLLER://{host}:{controller}
advertised.listeners=PLAINTEXT://{host}:{broker}
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs={folder}/log
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
auto.create.topics.enable=false
"""


def fetch() -> Path:
    """The folder with Kafka's jars, filled the first time. Raises UserError when Java or Maven is missing or fails."""
    for tool, package in (("java", "a Java 17 runtime"), ("mvn", "Maven")):
        if shutil.which(tool) is None:
            raise UserError(f"a real Kafka needs {package}, and there is no `{tool}` on the PATH")
    libs = CACHE / "libs"
    if libs.is_dir():
        return libs
    CACHE.parent.mkdir(exist_ok=True)
    # Into a folder of its own first, so that a download that broke off is never taken for a whole one.
    with tempfile.TemporaryDirectory(dir=CACHE.parent) as folder:
        Path(folder, "pom.xml").write_text(POM, encoding="utf-8")
        command = ["mvn", "-q", "-B", "dependency:copy-dependencies", "-DoutputDirectory=libs"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        if done.returncode:
            raise UserError(f"Maven could not fetch Kafka {VERSION}: {(done.stdout + done.stderr).strip()[-300:]}")
        CACHE.mkdir(exist_ok=True)
        Path(folder, "libs").rename(libs)
    return libs


@contextmanager
def real_kafka(folder: Path, port: int | None = None) -> Iterator[str]:
    """Run a one-node Kafka with its data in `folder`; gives HOST:PORT, stops it at the end."""
    libs = fetch()
    broker = port or free_port()
    properties = folder / "server.properties"
    properties.write_text(
        PROPERTIES.format(host=HOST, broker=broker, controller=free_port(), folder=folder), encoding="utf-8"
    )
    java = ["java", HEAP, "-cp", f"{libs}/*"]
    cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
    # A file of its own says where the logs go; without it the storage tool writes them into the working folder.
    env = {**os.environ, "LOG_DIR": str(folder)}
    formatted = subprocess.run(
        [*java, "kafka.tools.StorageTool", "format", "--standalone", f"--cluster-id={cluster}", "-c", str(properties)],
        capture_output=True,
        text=True,
        check=False,
        env=env,
    )
    if formatted.returncode:
        raise UserError(f"Kafka's storage could not be formatted: {formatted.stderr.strip()[-300:]}")
    with Children() as children:
        child = children.start("the real Kafka", [*java, "kafka.Kafka", str(properties)], env)
        wait_until(lambda: _listens(broker), child, READY_SECONDS, "listening")
        yield f"{HOST}:{broker}"


def _listens(port: int) -> bool:
    try:
        socket.create_connection((HOST, port), timeout=1).close()
    except OSError:
        return False
    return True


def main() -> None:
    """Run one until Ctrl-C."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fetch", action="store_true", help="only fill the cache")
    parser.add_argument("--port", type=int, help="port to listen on; a free one without it")
    options = parser.parse_args()
    try:
        if options.fetch:
            print(fetch())
            return
        with (
            stopping_on_signals(),
            tempfile.TemporaryDirectory() as folder,
            real_kafka(Path(folder), options.port) as bootstrap,
        ):
            print(f"FLOORPULSE_KAFKA={bootstrap}", flush=True)
            signal.pause()
    except KeyboardInterrupt:
        return
    except UserError as error:
        sys.exit(f"error: {error.message}")


if __name__ == "__main__":
    main()
