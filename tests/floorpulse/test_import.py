"""`floorpulse import`: what it sends, what it says, and what it refuses."""

import gzip
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from floorpulse import cli
from floorpulse.errors import UserError

CALM = Path(__file__).parents[1] / "data" / "asterisk-calm" / "queue_log"


def run(*words: str) -> Result:
    return CliRunner().invoke(cli.app, ["import", *words])


def refusal(*words: str) -> str:
    result = run(*words)
    assert isinstance(result.exception, UserError)
    return result.exception.message


def test_every_record_of_a_file_is_acknowledged(kafka_bootstrap: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLOORPULSE_KAFKA", kafka_bootstrap)
    result = run(str(CALM), "--as", "asterisk", "--namespace", "import-calm")
    assert result.exit_code == 0
    # 249 answers, 249 ends, 250 failed offers and 7 transfers name an agent: each has a copy under the agent's id.
    assert result.stdout == "1251 events and 755 copies sent, 2006 records acknowledged, namespace import-calm\n"
    assert "351 x DID: not known, passed over" in result.stderr


def test_live_events_that_workers_would_refuse_are_announced(
    kafka_bootstrap: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("FLOORPULSE_KAFKA", kafka_bootstrap)
    old = tmp_path / "queue_log"
    old.write_text("1000000000|c|support|NONE|ENTERQUEUE||x|1\n")
    result = run(str(old), "--as", "asterisk")
    assert result.exit_code == 0
    assert "note: 1 of 1 events are older than" in result.stderr
    assert "floorpulse replay takes any age" in result.stderr


def test_a_kafka_that_is_not_there_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLOORPULSE_KAFKA", "127.0.0.1:1")
    assert "Kafka at 127.0.0.1:1 is not reachable" in refusal(str(CALM), "--as", "asterisk")


def test_files_that_are_not_what_they_are_said_to_be_are_refused(tmp_path: Path) -> None:
    with gzip.open(tmp_path / "queue_log.gz", "wb") as file:
        file.write(CALM.read_bytes())
    (tmp_path / "cut.gz").write_bytes((tmp_path / "queue_log.gz").read_bytes()[:2000])
    assert "no column" in refusal(str(CALM), "--as", "table", "--mapping", "simulated")
    assert "this is no Asterisk queue_log" in refusal(__file__, "--as", "asterisk")
    assert "damaged or cut off" in refusal(str(tmp_path / "cut.gz"), "--as", "asterisk")
    assert "there is no such file" in refusal(str(tmp_path / "none"), "--as", "asterisk")
    assert "wanted one of asterisk, table, cloudevents" in refusal(str(CALM), "--as", "xml")
