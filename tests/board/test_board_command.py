"""The command `floorpulse board` with a login: what it refuses to start as, and what it never says."""

from __future__ import annotations

import os
import subprocess
import sys

import httpx
import pytest

from tests.board.doors import SCOPES, TOKENS

COMMAND = [sys.executable, "-m", "floorpulse", "board", "--port", "0"]
NOWHERE = {"FLOORPULSE_REDIS": "redis://127.0.0.1:1/0"}


def environment(**more: str) -> dict[str, str]:
    kept = {name: text for name, text in os.environ.items() if not name.startswith("FLOORPULSE_")}
    return {**kept, **NOWHERE, **{f"FLOORPULSE_{name}": text for name, text in more.items()}}


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"BIND": "0.0.0.0"}, "FLOORPULSE_BIND is 0.0.0.0 and nobody has to log in; set FLOORPULSE_READ_TOKEN or"),
        ({"TV_TOKEN": "canary"}, "FLOORPULSE_TV_TOKEN: a token of 6 characters; wanted at least 32"),
    ],
)
def test_a_board_without_a_safe_door_does_not_start_and_says_so_in_one_line(
    variables: dict[str, str], said: str
) -> None:
    env = environment(**variables)
    ended = subprocess.run(COMMAND, env=env, capture_output=True, text=True, check=False, timeout=60)
    assert ended.returncode == 2
    assert ended.stderr.startswith(f"error: {said}")
    assert ended.stderr.count("\n") == 1
    assert "canary" not in ended.stderr


def test_no_token_is_in_an_answer_or_a_log_however_it_was_shown() -> None:
    env = environment(LOG_LEVEL="debug", **{f"{scope.upper()}_TOKEN": text for scope, text in TOKENS.items()})
    board = subprocess.Popen(COMMAND, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    texts = []
    try:
        assert board.stdout is not None
        url = board.stdout.readline().removeprefix("board: ").strip().rstrip("/")
        with httpx.Client(base_url=url) as client:
            for scope in SCOPES:
                text = TOKENS[scope]
                shown = {"Authorization": f"Bearer {text}"}
                asked = [
                    client.get(path, headers=shown)
                    for path in ("/", "/api/session", "/api/queues", "/metrics", "/metrics/live", "/readyz", "/nothing")
                ]
                asked.append(client.get("/", params={"token": text}))
                asked.append(client.get("/api/queues", headers={"Authorization": f"Basic {text}"}))
                asked.append(client.get("/api/queues", headers={"Authorization": f"Bearer {text}x"}))
                asked.append(client.post("/api/session", json={"token": text}))
                asked.append(client.post("/api/notes", headers=shown, json={"text": "", "author": "Ana"}))
                texts += [answer.text + str(answer.headers) for answer in asked]
                assert {answer.status_code for answer in asked} >= {400, 401}
    finally:
        board.terminate()
        out, log = board.communicate(timeout=20)
    assert '"action": "login"' in log
    for text in (*texts, out, log):
        assert "canary" not in text
