"""The command line: every command explains itself, and every error is one line without a traceback."""

import errno
import subprocess
import sys
from collections.abc import Callable

import pytest
import typer
from typer.testing import CliRunner

from floorpulse import cli
from floorpulse.errors import UserError
from kpi.floor import FloorError
from sources.errors import SourceError

WORDS = [
    ["demo"], ["worker"], ["board"], ["source", "asterisk"], ["import"], ["simulate"], ["replay"], ["report"],
    ["verify"], ["top"], ["init"],
]  # fmt: skip


@pytest.mark.parametrize("words", WORDS, ids=" ".join)
def test_every_command_shows_an_example(words: list[str]) -> None:
    shown = CliRunner().invoke(cli.app, [*words, "--help"])

    assert shown.exit_code == 0
    assert (
        f"floorpulse {' '.join(words)}"
        in shown.stdout.partition("Options")[0].partition("Usage:")[2].partition("\n")[2]
    )


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch) -> Callable[[BaseException], None]:
    """`command(error)` makes the whole command line consist of one command that fails with it."""

    def fail_with(error: BaseException) -> None:
        app = typer.Typer()

        @app.command()
        def only() -> None:
            raise error

        monkeypatch.setattr(cli, "app", app)
        monkeypatch.setattr(sys, "argv", ["floorpulse"])

    return fail_with


@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        pytest.param(UserError("no such queue", 2), 2, "error: no such queue", id="wrong use"),
        pytest.param(SourceError("calls.csv: no column q"), 1, "error: calls.csv: no column q", id="an input"),
        pytest.param(FloorError("floor.toml:3: a: b"), 1, "error: floor.toml:3: a: b", id="a configuration"),
        pytest.param(
            OSError(errno.EADDRINUSE, "Address already in use"),
            1,
            "error: a port is in use already (Address already in use); stop what uses it or choose another",
            id="a port",
        ),
        pytest.param(
            FileNotFoundError(errno.ENOENT, "No such file or directory", "x.csv"),
            1,
            "error: x.csv: No such file or directory",
            id="a file",
        ),
        pytest.param(UserError("a\x1b[31m\nb"), 1, "error: a [31m b", id="control characters"),
    ],
)
def test_an_error_is_one_line(
    command: Callable[[BaseException], None],
    capsys: pytest.CaptureFixture[str],
    error: BaseException,
    code: int,
    line: str,
) -> None:
    command(error)

    with pytest.raises(SystemExit) as ended:
        cli.main()

    assert (ended.value.code, capsys.readouterr().err) == (code, line + "\n")


def test_ctrl_c_is_no_error(command: Callable[[BaseException], None], capsys: pytest.CaptureFixture[str]) -> None:
    command(KeyboardInterrupt())

    with pytest.raises(SystemExit) as ended:
        cli.main()

    assert ended.value.code == 130
    assert capsys.readouterr().err.strip() == ""


def test_a_fault_of_our_own_keeps_its_traceback(command: Callable[[BaseException], None]) -> None:
    command(KeyError("x"))

    with pytest.raises(KeyError):
        cli.main()


def test_the_whole_story_is_there_when_asked_for(
    command: Callable[[BaseException], None], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLOORPULSE_DEBUG", "1")
    command(SourceError("no"))

    with pytest.raises(SystemExit):
        cli.main()

    assert "Traceback" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param(["nothing"], "no such command 'nothing'", id="a command nobody knows"),
        pytest.param(["replay", "--nothing"], "no such option", id="an option nobody knows"),
    ],
)
def test_wrong_use_is_one_line_with_the_way_to_help(words: list[str], said: str) -> None:
    done = subprocess.run([sys.executable, "-m", "floorpulse", *words], capture_output=True, text=True, check=False)

    assert done.returncode == 2
    assert said in done.stderr.lower()
    assert done.stderr.endswith("--help\n")
    assert done.stderr.count("\n") == 1
