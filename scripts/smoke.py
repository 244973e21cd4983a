"""Is what `docker compose up -d --wait` started well? For machines with Docker; .github/workflows/smoke.yml runs it.

Run: python3 -m scripts.smoke demo|production
Board, every target and rule of Prometheus, every panel of every dashboard by Grafana's own query. Prints what is wrong,
one line each; the exit code is 1 then. Needs nothing but Python and, for production, docker compose and ./secrets.
"""

import json
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parent.parent
BOARD, PROMETHEUS, GRAFANA = "http://127.0.0.1:8080", "http://127.0.0.1:9090", "http://127.0.0.1:3000"
PATIENCE_SECONDS = 120
IN_PROMETHEUS = [
    "docker", "compose", "-f", "docker-compose.yml", "-f", "compose.production.yml", "exec", "-T", "prometheus",
    "wget", "-q", "-O", "-",
]  # fmt: skip


class Answer(NamedTuple):
    """What a server said; status 0 when nobody answered."""

    status: int
    body: Any


def ask(url: str, body: Any = None, token: str | None = None) -> Answer:
    """GET, or POST of `body` as JSON; the answer's JSON, or its text where it is none."""
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return Answer(answer.status, _json(answer.read().decode()))
    except urllib.error.HTTPError as error:
        return Answer(error.code, _json(error.read().decode("utf-8", "replace")))
    except OSError as error:
        return Answer(0, str(error))


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


# --- Board -------------------------------------------------------------------------------------------


def board_problems(token: str | None = None) -> list[str]:
    """What is wrong with the board: it lives, it knows queues (in the demo), it asks for a token where it has one."""
    found = []
    if ask(f"{BOARD}/livez").status != 200:
        found.append("board: /livez does not say ok")
    status, body = ask(f"{BOARD}/api/queues", token=token)
    if status != 200:
        found.append(f"board: /api/queues says {status} {body}")
    elif token is None and not [shot for shot in body["queues"] if shot["state"] == "fresh"]:
        found.append("board: no queue is fresh")
    if token is not None and ask(f"{BOARD}/api/queues").status != 401:
        found.append("board: it answers without a token")
    return found


# --- Prometheus --------------------------------------------------------------------------------------


def target_problems(targets: Any) -> list[str]:
    """What /api/v1/targets says is not up."""
    active = targets["data"]["activeTargets"]
    found = [
        f"prometheus: {target['scrapePool']} {target['scrapeUrl']} is {target['health']}: {target['lastError']}"
        for target in active
        if target["health"] != "up"
    ]
    return found or ([] if active else ["prometheus: it reads nothing"])


def rule_problems(rules: Any) -> list[str]:
    """What /api/v1/rules says fails."""
    groups = rules["data"]["groups"]
    found = [
        f"prometheus: rule {rule['name']}: {rule.get('lastError')}"
        for group in groups
        for rule in group["rules"]
        if rule["health"] == "err"
    ]
    return found or ([] if groups else ["prometheus: it has no rules"])


def prometheus_problems(fetch: Callable[[str], Any]) -> list[str]:
    """What is wrong with Prometheus; `fetch` gets the JSON of one of its paths."""
    return target_problems(fetch("/api/v1/targets")) + rule_problems(fetch("/api/v1/rules"))


def _fetch(path: str) -> Any:
    return ask(PROMETHEUS + path).body


def _fetch_inside(path: str) -> Any:
    done = subprocess.run([*IN_PROMETHEUS, PROMETHEUS + path], cwd=ROOT, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


# --- Grafana -----------------------------------------------------------------------------------------


# Not Grafana's own ($__range), which its server puts in, and not a part of a pattern ($1).
_VARIABLE = re.compile(r"\$(?:(?!__)[A-Za-z_]\w*|\{(?!__)[A-Za-z_]\w*(?::\w+)?\})")


def shipped() -> dict[str, Any]:
    """uid -> dashboard, of every file that Grafana is given."""
    boards = [json.loads(path.read_text(encoding="utf-8")) for path in (ROOT / "grafana/dashboards").rglob("*.json")]
    return {board["uid"]: board for board in boards}


def panels(board: Any) -> Iterator[Any]:
    """Every panel of a dashboard, those inside rows included."""
    for panel in board.get("panels", ()):
        yield panel
        yield from panels(panel)


def queries(board: Any) -> Iterator[tuple[str, str]]:
    """(title of the panel, PromQL) of every query to Prometheus; a variable of the dashboard matches everything."""
    for panel in panels(board):
        for target in panel.get("targets", ()):
            if expr := target.get("expr"):
                yield panel.get("title", ""), _VARIABLE.sub(".*", expr)


def question(expr: str) -> dict[str, Any]:
    """What Grafana's page would send for one query."""
    query = {
        "refId": "A", "datasource": {"type": "prometheus", "uid": "prometheus"}, "expr": expr, "instant": True,
        "range": False, "format": "time_series", "intervalMs": 5000, "maxDataPoints": 100,
    }  # fmt: skip
    return {"queries": [query], "from": "now-15m", "to": "now"}


def query_problem(answer: Answer) -> str | None:
    """What is wrong with an answer of /api/ds/query."""
    if answer.status != 200:
        return f"{answer.status} {answer.body}"
    result = answer.body["results"]["A"]
    return result.get("error") or (None if result.get("status", 200) == 200 else f"status {result['status']}")


def grafana_problems() -> list[str]:
    """What is wrong with Grafana where nobody logs in: every dashboard is there, every query is answered."""
    listed = ask(f"{GRAFANA}/api/search?type=dash-db&limit=1000")
    if listed.status != 200:
        return [f"grafana: /api/search says {listed.status} {listed.body}"]
    boards = shipped()
    found = [f"grafana: no dashboard {uid}" for uid in sorted(boards.keys() - {each["uid"] for each in listed.body})]
    asked: dict[str, str | None] = {}
    for uid, board in sorted(boards.items()):
        for title, expr in queries(board):
            if expr not in asked:
                asked[expr] = query_problem(ask(f"{GRAFANA}/api/ds/query", question(expr)))
            if asked[expr]:
                found.append(f"grafana: {uid}, {title}: {asked[expr]}")
    print(f"grafana: {len(boards)} dashboards, {len(asked)} different queries")
    return found or ([] if asked else ["grafana: no query was asked"])


def grafana_login_problems(password: str) -> list[str]:
    """What is wrong with the Grafana of production: it lives, and nobody gets in without the password."""
    found = []
    if ask(f"{GRAFANA}/api/health").status != 200:
        found.append("grafana: /api/health does not say ok")
    if ask(f"{GRAFANA}/api/search").status != 401:
        found.append("grafana: it answers without a login")
    for word, wanted in ((password, 200), (password[::-1], 401)):
        status = ask(f"{GRAFANA}/login", {"user": "admin", "password": word}).status
        if status != wanted:
            found.append(f"grafana: a login that should be answered by {wanted} is answered by {status}")
    return found


# --- All of it ---------------------------------------------------------------------------------------


def problems(kind: str) -> Iterable[str]:
    """Everything that is wrong with what was started."""
    if kind == "demo":
        return [*board_problems(), *prometheus_problems(_fetch), *grafana_problems()]
    token, password = (
        (ROOT / "secrets" / name).read_text(encoding="utf-8").strip()
        for name in ("read_token", "grafana_admin_password")
    )
    return [*board_problems(token), *prometheus_problems(_fetch_inside), *grafana_login_problems(password)]


def main(arguments: list[str]) -> int:
    """Look until all is well or two minutes are over; the exit code."""
    if arguments not in (["demo"], ["production"]):
        print("usage: python3 -m scripts.smoke demo|production", file=sys.stderr)
        return 2
    end = time.monotonic() + PATIENCE_SECONDS
    while found := list(problems(arguments[0])):
        if time.monotonic() > end:
            print("\n".join(found))
            return 1
        time.sleep(5)
    print("all is well")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
