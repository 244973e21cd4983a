"""A first floor.toml from a queue_log."""

from pathlib import Path

from typer.testing import CliRunner

from floorpulse import cli
from floorpulse.errors import UserError
from floorpulse.floor_draft import draft
from kpi.floor import parse_floor
from sources.asterisk import SOURCE, QueueLogTranslator

CALM = Path(__file__).parents[1] / "data" / "asterisk-calm" / "queue_log"
T = 1_795_317_000


def test_it_names_every_queue_and_agent_of_a_real_log_and_is_a_valid_floor(tmp_path: Path) -> None:
    out = tmp_path / "floor.toml"
    shown = CliRunner().invoke(cli.app, ["init", str(CALM), "--out", str(out)])
    assert shown.exit_code == 0
    assert "6 queues" in shown.stdout
    text = out.read_text()
    floor = parse_floor(text)
    assert [queue.id for queue in floor.configured] == ["billing", "nightline", "sales", "support", "tiny", "vip"]
    assert "# 168 calls, 143 answered, 23 abandoned; half of the answered waited 10 s or less" in text
    assert "# agents: Ivo Petrov, Jun Sato, Kira Olsen" in text
    assert '# native = "5001"' in text
    uncommented = text.replace("# [links]", "[links]").replace("# contact =", "contact =")
    assert parse_floor(uncommented).links == {"contact": "https://crm.example/{native_id}"}


def test_a_file_that_is_there_is_not_replaced_unless_told(tmp_path: Path) -> None:
    out = tmp_path / "floor.toml"
    out.write_text("# mine\n")
    refused = CliRunner().invoke(cli.app, ["init", str(CALM), "--out", str(out)])
    assert isinstance(refused.exception, UserError)
    assert "--force replaces it" in refused.exception.message
    assert out.read_text() == "# mine\n"
    assert CliRunner().invoke(cli.app, ["init", str(CALM), "--out", str(out), "--force"]).exit_code == 0
    assert out.read_text() != "# mine\n"


def test_a_log_without_a_queue_is_said(tmp_path: Path) -> None:
    log = tmp_path / "queue_log"
    log.write_text(f"{T}|NONE|NONE|NONE|QUEUESTART|\n")
    refused = CliRunner().invoke(cli.app, ["init", str(log), "--out", str(tmp_path / "floor.toml")])
    assert isinstance(refused.exception, UserError)
    assert "no queue in it" in refused.exception.message


def test_names_in_any_script_and_with_quotes_give_valid_toml() -> None:
    names = ["客服", 'a "b"', "a\\b", "x.y", "tab\there", "del\x7f", "'"]
    translator = QueueLogTranslator()
    events = [
        event for name in names for event in translator.feed(f"{T}|c-{names.index(name)}|{name}|{name}|CONNECT|1|x|1")
    ]
    text = draft(events, "queue_log", SOURCE)
    configured = parse_floor(text).configured
    assert sorted(queue.id for queue in configured) == sorted(names)
    assert {queue.id: queue.display_name for queue in configured} == {name: name for name in names}
