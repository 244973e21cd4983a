"""What is no recording of the kind that was named is refused with one sentence, before any server is started."""

import gzip
import lzma
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from floorpulse.cli import app
from floorpulse.errors import UserError
from sources.errors import SourceError

LOG = "1795316400|1.1|support|NONE|ENTERQUEUE||123|1\n" * 40
KINDS = [
    ["--as", "asterisk"],
    ["--as", "cloudevents"],
    ["--as", "table", "--mapping", "technion", "--date", "1999-08-01"],
    ["--as", "table", "--mapping", "simulated"],
]
FILES: dict[str, Callable[[Path], object]] = {
    "missing": lambda path: None,
    "a folder": lambda path: path.mkdir(),
    "empty": lambda path: path.write_bytes(b""),
    "empty and compressed": lambda path: path.write_bytes(gzip.compress(b"")),
    "blank lines": lambda path: path.write_bytes(b"\n\n\n"),
    "binary": lambda path: path.write_bytes(bytes(range(256)) * 12),
    "text of another kind": lambda path: path.write_text("Dear customer,\nthank you for your call.\n"),
    "another encoding": lambda path: path.write_text("call_id,type,Größe\n1,PS,2\n", encoding="utf-16"),
    "a cut off gzip": lambda path: path.write_bytes(gzip.compress(LOG.encode())[:40]),
    "a damaged gzip": lambda path: path.write_bytes(gzip.compress(LOG.encode())[:-8] + b"\0" * 8),
    "a cut off xz": lambda path: path.write_bytes(lzma.compress(LOG.encode())[:-20]),
    "JSON of another kind": lambda path: path.write_text('{"a": 1}\n[]\n3\n'),
    "one very long line": lambda path: path.write_text("x" * 3_000_000),
}


@pytest.mark.parametrize("options", KINDS, ids=lambda options: " ".join(options[1:4:2]))
@pytest.mark.parametrize("file", FILES)
def test_a_file_that_cannot_be_used_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: list[str], file: str
) -> None:
    monkeypatch.setattr("floorpulse.commands.replay.servers", lambda settings: pytest.fail("a server was started"))
    path = tmp_path / "recording"
    FILES[file](path)
    report = str(tmp_path / "report.json")
    shown = CliRunner().invoke(app, ["replay", str(path), *options, "--report", report])
    assert isinstance(shown.exception, UserError), shown.output
    assert shown.exception.exit_code in (1, 2)
    assert "\n" not in shown.exception.message and 20 < len(shown.exception.message) < 600
    assert isinstance(shown.exception.__cause__, SourceError | None)
