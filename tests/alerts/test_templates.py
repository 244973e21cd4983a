"""The messages as people get them: made by Alertmanager itself from its templates and the texts of our alerts."""

from __future__ import annotations

import email
import email.header
import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from alerts.text import build_templates
from alerts.text.build_templates import NAMES
from alerts.text.words import WORDS
from floorpulse.embedded import HOST
from floorpulse.processes import Children, wait_until
from tests import ports
from tests.alerts.fake_chats import FakeChats, fake_chats
from tests.alerts.telling import NOW, held, snapshot, support, told
from tests.data_sets import ROOT

AMTOOL = os.environ.get("AMTOOL", "amtool")
ALERTMANAGER = os.environ.get("ALERTMANAGER", "prometheus-alertmanager")
TEMPLATES = ROOT / "alerts" / "templates"
LANGUAGES = ("en", "zh-cn", "zh-tw")
#: Slack cuts a title, PagerDuty a summary; WeCom cuts a text, in bytes.
MOST_TITLE, MOST_WECOM = 200, 2_048
Rendered = Callable[..., str]


def alert(
    name: str = "Technical support", rule: str = "QueueLongestWaitHigh", status: str = "firing", **changes: Any
) -> dict[str, Any]:
    """One alert as Alertmanager holds it."""
    queue = changes.pop("queue", "support")
    over = {"phase": "ok", "resolved_ms": NOW, "value": 0.0, "peak": 372.0, "reason": "resolved"}
    ended = over if status == "resolved" else {}
    one = held(rule, queue=queue, **{**changes, **ended})
    config = support(display_name=name, display_names={})
    return {
        "status": status,
        "labels": {"alertname": rule, "severity": one.severity, "queue": queue, "channel": "voice", "incident": "i"},
        "annotations": dict(told(one, snapshot(lost=2), config)),
        "startsAt": "2026-11-20T06:06:09Z",
        "endsAt": "2026-11-20T06:24:09Z",
        "fingerprint": "f",
    }


@pytest.fixture
def rendered(tmp_path: Path) -> Rendered:
    """`rendered("title.zh-cn", alerts)`: what a template makes of a notification with these alerts."""

    def render(name: str, alerts: Sequence[dict[str, Any]]) -> str:
        status = "firing" if any(each["status"] == "firing" for each in alerts) else "resolved"
        data = {"status": status, "receiver": "floor", "alerts": list(alerts), "groupLabels": {"incident": "i"}}
        (tmp_path / "data.json").write_text(json.dumps(data), encoding="utf-8")
        command = [
            AMTOOL, "template", "render", f"--template.glob={TEMPLATES / '*.tmpl'}",
            f"--template.data={tmp_path / 'data.json'}", f'--template.text={{{{ template "floorpulse.{name}" . }}}}',
        ]  # fmt: skip
        if "html" in name:
            command.append("--template.type=html")
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.rstrip("\n")

    return render


def test_the_templates_are_as_their_source_makes_them() -> None:
    made = build_templates.files()
    assert {path: path.read_text(encoding="utf-8") for path in made} == made
    assert {path.name for path in TEMPLATES.glob("*.tmpl")} == {path.name for path in made}
    assert "[[" not in "".join(made.values())


@pytest.mark.observability
@pytest.mark.parametrize(
    ("tag", "title"),
    [
        ("", "CRITICAL: SUPPORT (limit 3 min), 14 waiting; volume ×3.4: 8 → 27 a minute"),
        (".zh-cn", "【严重】技术支持：最长等待 3 分 25 秒（上限 3 分），排队 14 人；话务量 ×3.4：每分钟 8 → 27"),
        (".zh-tw", "【嚴重】技術支援：最長等待 3 分 25 秒（上限 3 分），排隊 14 人；話務量 ×3.4：每分鐘 8 → 27"),
    ],
)  # fmt: skip
def test_the_title_is_severity_queue_size_and_cause(rendered: Rendered, tag: str, title: str) -> None:
    one = alert()
    one["annotations"] = dict(told(held(), snapshot()))
    assert rendered(f"title{tag}", [one]) == title.replace("SUPPORT", "Technical support: longest wait 3 min 25 s")


@pytest.mark.observability
def test_several_queues_of_an_incident_are_one_message_that_counts_them_and_begins_with_the_worst(
    rendered: Rendered,
) -> None:
    alerts = [
        alert("Billing", "QueueLengthHigh", severity="warning", queue="billing", value=12.0, threshold=10.0),
        alert("Billing", queue="billing", severity="warning", threshold=60.0, value=70.0),
        alert("Returns", queue="returns"),
    ]
    assert rendered("title", alerts).startswith("CRITICAL (2 queues, 3 alerts): Returns: longest wait")
    assert rendered("title.zh-cn", alerts).startswith("【严重 · 2 个队列 3 条告警】Returns：最长等待")
    lines = rendered("text", alerts).splitlines()
    # What to do about the worst and why, the others in a line each, then the rest about the worst.
    assert [line.split(":")[0] for line in lines] == [
        "Do first", "Likely cause", "• WARNING", "• WARNING", "", "About the queue in the title", "Now", "Since",
        "Affected", "Target", "Trend", "Board", "Acknowledge", "Runbook",
    ]  # fmt: skip
    assert "/queue/returns/" in rendered("url", alerts)


@pytest.mark.observability
def test_when_the_critical_one_is_over_the_warning_that_goes_on_says_so(rendered: Rendered) -> None:
    alerts = [
        alert(status="resolved"),
        alert(severity="warning", threshold=60.0, value=90.0),
    ]
    assert rendered("title", alerts).startswith("WARNING, critical is over: Technical support: longest wait")
    assert rendered("title.zh-cn", alerts).startswith("【严重已解除，预警持续】")
    assert rendered("title.zh-tw", alerts).startswith("【嚴重已解除，預警持續】")
    lines = rendered("slack.text", alerts).splitlines()
    assert lines[0].startswith("Do first: ") and lines[3].startswith("• OVER: Technical support: longest wait normal")


@pytest.mark.observability
def test_what_is_over_says_how_long_it_lasted(rendered: Rendered) -> None:
    one = alert(status="resolved")
    assert rendered("title", [one]).startswith("OVER: Technical support: longest wait normal again after")
    assert rendered("title", [one, one]).startswith("OVER (2 alerts): ")
    assert rendered("text", [one]).startswith("Over: 14:06:34 (UTC+8)")


@pytest.mark.observability
def test_an_alert_of_another_rule_with_one_language_and_no_queue_is_a_message_as_well(rendered: Rendered) -> None:
    bare = {
        "status": "firing",
        "labels": {"alertname": "RedisDown"},
        "annotations": {},
        "startsAt": "2026-11-20T06:00:00Z",
    }
    assert rendered("title", [bare]) == "ALERT: RedisDown"
    some = {**bare, "annotations": {"summary": "Redis is away", "description": "since noon"}}
    assert rendered("title.zh-tw", [some, bare]) == "【告警 · 2 則告警】Redis is away"
    assert "since noon" in rendered("text.zh-cn", [some])


@pytest.mark.observability
@pytest.mark.parametrize("tag", LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_every_message_fits_whatever_the_names_and_however_many(rendered: Rendered, name: str, tag: str) -> None:
    names = ("客服热线与投诉受理中心" * 20, "<!channel> @all *x*", "Sales & Service")
    for count in (1, 2, 40):
        alerts = [
            alert(names[i % 3], severity=("warning", "critical")[i % 2], queue=names[i % 3] + str(i))
            for i in range(count)
        ]
        for kinds in (alerts, [*alerts, alert(names[0], status="resolved", queue=names[0])]):
            text = rendered(f"{name}.{tag}", kinds)
            assert text
            assert "<no value>" not in text
            assert "<!channel>" not in text and "@all" not in text
            if name in ("title", "slack.title"):
                assert "\n" not in text and len(text) <= MOST_TITLE
            if name == "wecom":
                assert len(text.encode()) <= MOST_WECOM
            if name.endswith("text"):
                assert len(text) <= 8_000
            if name in ("text", "slack.text") and count == 40:
                left = len(kinds) - 1 - 10
                assert str(left) in text and text.count("• ") == 10


@pytest.mark.observability
def test_slack_gets_its_three_signs_escaped_and_its_links_above_the_fold(rendered: Rendered) -> None:
    text = rendered("slack.text", [alert("Sales & Service")])
    assert "Sales &amp; Service" in rendered("slack.title", [alert("Sales & Service")])
    # Slack folds an attachment's text after five lines: what to do, why, and where to go stand before that.
    first, second, third = text.splitlines()[:3]
    assert (first[:9], second[:13]) == ("Do first:", "Likely cause:")
    assert third.startswith("<https://board.example/queue/support/voice?at=")
    assert third.count("<http") == third.count(">") == 3
    assert "&amp;ack=QueueLongestWaitHigh.critical|Acknowledge>" in third


@pytest.mark.observability
def test_a_mail_shows_markup_in_names_as_text(rendered: Rendered) -> None:
    one = alert()
    one["annotations"]["summary_en"] = "<img src=x onerror=alert(1)> & co"
    one["annotations"]["description_en"] = "<b>one</b>\ntwo"
    one["annotations"]["dashboard_url"] = "javascript:alert(1)"
    page = rendered("email.html", [one])
    assert "<img" not in page and "<b>" not in page and "javascript:" not in page
    assert "&lt;b&gt;one&lt;/b&gt;<br>two" in page


# The real Alertmanager, with the receivers that docs/alerts.md shows.


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FakeChats]:
    """One incident of two queues, sent by Alertmanager to every receiver of docs/alerts.md that 0.25 knows."""
    folder = tmp_path_factory.mktemp("alertmanager")
    with fake_chats() as chats, Children() as children:
        (folder / "alertmanager.yml").write_text(yaml.safe_dump(config_of(chats, folder)), encoding="utf-8")
        port = ports.port()
        url = f"http://{HOST}:{port}"
        manager = children.start(
            "Alertmanager",
            [
                ALERTMANAGER, f"--config.file={folder / 'alertmanager.yml'}", f"--storage.path={folder}",
                f"--web.listen-address={HOST}:{port}", "--cluster.listen-address=",
            ],
        )  # fmt: skip
        wait_until(lambda: is_ready(url), manager, 30.0, "ready")
        alerts = [
            alert(
                "Sales & <Service>", "QueueLengthHigh", severity="warning", queue="sales", value=12.0, threshold=10.0
            ),
            alert("技术支持"),
        ]
        post(url, alerts)
        wait_until(lambda: len(chats.posts) == 3 and bool(chats.mails), manager, 30.0, "sending to all four")
        yield chats


def receivers() -> dict[str, Any]:
    """The receiver blocks of docs/alerts.md, by name."""
    text = (ROOT / "docs" / "alerts.md").read_text(encoding="utf-8")
    blocks = [yaml.safe_load(block.split("```")[0]) for block in text.split("```yaml\n")[1:]]
    return {each["name"]: each for block in blocks for each in block.get("receivers", [])}


def config_of(chats: FakeChats, folder: Path) -> dict[str, Any]:
    """Alertmanager's configuration: one receiver with what docs/alerts.md says for each, and addresses of ours."""
    (folder / "secret").write_text("secret", encoding="utf-8")
    found = receivers()
    slack, pagerduty = found["floor-slack"]["slack_configs"][0], found["on-call"]["pagerduty_configs"][0]
    mail, wecom = found["floor-mail"]["email_configs"][0], found["floor-wecom"]["wechat_configs"][0]
    for each in (slack, pagerduty, mail, wecom):
        for key in [key for key in each if key.endswith("_file")]:
            del each[key]
    slack["api_url"] = f"{chats.url}/slack"
    pagerduty |= {"url": f"{chats.url}/pagerduty", "routing_key": "secret"}
    mail |= {"smarthost": chats.smtp, "require_tls": False, "auth_username": "", "auth_password": ""}
    wecom |= {"api_url": f"{chats.url}/wecom/", "api_secret": "secret"}
    receiver = {
        "name": "floor", "slack_configs": [slack], "pagerduty_configs": [pagerduty], "email_configs": [mail],
        "wechat_configs": [wecom],
    }  # fmt: skip
    # It waits for both alerts, which it takes one after the other; they are newer than that (`post`).
    route = {"receiver": "floor", "group_by": ["incident"], "group_wait": "2s", "group_interval": "15s"}
    return {"route": route, "receivers": [receiver], "templates": [str(TEMPLATES / "*.tmpl")]}


def is_ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/-/ready", timeout=2).status_code == 200
    except httpx.HTTPError:
        return False


def post(url: str, alerts: Sequence[dict[str, Any]]) -> None:
    ends = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 300))
    told = [{key: each[key] for key in ("labels", "annotations", "startsAt")} | {"endsAt": ends} for each in alerts]
    for each in told:
        each["startsAt"] = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 1))
    httpx.post(f"{url}/api/v2/alerts", json=told, timeout=10).raise_for_status()


@pytest.mark.observability
def test_alertmanager_sends_slack_one_message_of_the_incident(sent: FakeChats) -> None:
    (message,) = sent.posts["/slack"]
    (card,) = message["attachments"]
    assert card["title"].startswith("CRITICAL (2 queues, 2 alerts): 技术支持: longest wait 3 min 25 s (limit 3 min)")
    assert card["title_link"].startswith("https://board.example/queue/support/voice?at=")
    assert card["color"] == "danger"
    assert card["text"].splitlines()[3].startswith("• WARNING: Sales &amp; ＜Service＞: 12 waiting (limit 10)")


@pytest.mark.observability
def test_alertmanager_sends_the_wecom_application_a_text_that_fits(sent: FakeChats) -> None:
    (message,) = sent.posts["/wecom/message/send"]
    text = message["text"]["content"]
    assert text.startswith("【严重 · 2 个队列 2 条告警】技术支持：最长等待 3 分 25 秒")
    assert len(text.encode()) <= MOST_WECOM
    assert "首要措施：" in text


@pytest.mark.observability
def test_alertmanager_sends_pagerduty_a_summary_a_severity_and_the_text(sent: FakeChats) -> None:
    (event,) = sent.posts["/pagerduty"]
    assert event["event_action"] == "trigger"
    payload = event["payload"]
    assert payload["summary"].startswith("CRITICAL (2 queues, 2 alerts): 技术支持: longest wait")
    assert payload["severity"] == "critical"
    assert "Do first: " in payload["custom_details"]["text"]
    assert event["links"][0]["href"].startswith("https://board.example/queue/")


@pytest.mark.observability
def test_alertmanager_sends_a_mail_as_text_and_as_html(sent: FakeChats) -> None:
    mail = email.message_from_string(sent.mails[0])
    subject = str(email.header.make_header(email.header.decode_header(mail["Subject"])))
    assert subject.startswith("CRITICAL (2 queues, 2 alerts): 技术支持: longest wait")
    parts = {part.get_content_type(): part.get_payload(decode=True) for part in mail.walk() if not part.is_multipart()}
    plain, page = (bytes(parts[kind] or b"").decode() for kind in ("text/plain", "text/html"))
    assert "Do first: " in plain
    assert "Sales &amp; ＜Service＞" in page
    assert page.index("技术支持") < page.index("Sales")


@pytest.mark.observability
@pytest.mark.parametrize("tag", LANGUAGES)
def test_what_is_over_asks_nobody_for_anything_and_says_nothing_of_now_even_with_the_texts_of_its_last_look(
    rendered: Rendered, tag: str
) -> None:
    words = WORDS[next(language for language in WORDS if language.lower() == tag)]
    of_now = [words["line"].format(label=words[each], text="") for each in ("do", "cause", "now", "trend")]
    kept = words["line"].format(label=words["affected"], text="")
    for name in ("text", "slack.text", "teams.text", "wecom", "email.html"):
        firing = rendered(f"{name}.{tag}", [alert()])
        assert [each for each in of_now if each not in firing] == []
        ended = rendered(f"{name}.{tag}", [{**alert(), "status": "resolved"}])
        assert [each for each in of_now if each in ended] == []
        assert kept in ended, "the other lines stay"


#: What Prometheus makes of a rule (test_rule_texts.py), and says of it when it is over.
OF_PROMETHEUS = {
    "": (
        "Support: longest wait 3 min 25 s (limit 3 min), 12 waiting",
        "Support: longest wait: this alert ended after 18 min, worst 6 min 12 s",
        (
            "Do first: move people\nLikely cause: staff ×3.5\nNow: longest wait 3 min 25 s (limit 3 min)\n"
            "Since: 2026-11-20 06:06:09 (UTC), for 18 min\nAffected: 12 waiting\nTrend: 12 waiting, 5 min ago 3"
        ),
    ),
    "_zh_cn": (
        "技术支持：最长等待 3 分 25 秒（上限 3 分），排队 12 人",
        "技术支持：最长等待：此告警已结束，历时 18 分，最差 6 分 12 秒",
        (
            "首要措施：调人支援\n可能原因：人手 ×3.5\n现状：最长等待 3 分 25 秒（上限 3 分）\n"
            "开始：2026-11-20 06:06:09（UTC），已持续 18 分\n影响：排队 12 人\n趋势：排队 12 人，5 分钟前 3 人"
        ),
    ),
}


def of_prometheus() -> dict[str, Any]:
    """An alert as Prometheus ends it: its texts are those of its last look."""
    texts = {
        f"{name}{end}": text
        for end, said in OF_PROMETHEUS.items()
        for name, text in zip(("summary", "ended", "description"), said, strict=True)
    }
    over = alert(status="resolved")
    addresses = {name: text for name, text in over["annotations"].items() if name.endswith("_url")}
    return {**over, "annotations": texts | addresses}


@pytest.mark.observability
def test_what_prometheus_ends_is_told_as_over(rendered: Rendered) -> None:
    one = of_prometheus()
    ended, ended_zh = OF_PROMETHEUS[""][1], OF_PROMETHEUS["_zh_cn"][1]
    assert rendered("title", [one]) == f"OVER: {ended}"
    assert rendered("title.zh-cn", [one]) == f"【已恢复】{ended_zh}"
    assert rendered("text", [one]).splitlines()[:2] == [
        "Began: 2026-11-20 06:06:09 (UTC), lasted 18 min", "Affected: 12 waiting",
    ]  # fmt: skip
    assert rendered("text.zh-cn", [one]).splitlines()[:2] == [
        "开始：2026-11-20 06:06:09（UTC），历时 18 分", "影响：排队 12 人",
    ]  # fmt: skip
    for name in ("text", "slack.text", "teams.text", "wecom"):
        assert f"• OVER: {ended}" in rendered(name, [alert("Returns", queue="returns"), one]), name
        assert "3 min 25 s" not in rendered(name, [one])
    page = rendered("email.html", [one])
    assert ended in page and "3 min 25 s" not in page and "Acknowledge" not in page
    firing = {**one, "status": "firing"}
    assert rendered("title", [firing]) == f"CRITICAL: {OF_PROMETHEUS[''][0]}"
