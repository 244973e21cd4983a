"""Cards of the relay as people see them on each platform."""

import json

from hypothesis import strategies as st

from alerts.relay.bodies import DINGTALK, FEISHU, FEISHU_APP, WECOM, encoded
from alerts.relay.cards import draft
from alerts.relay.digest import Pending, Story, Told, stories
from alerts.relay.fitting import fit
from alerts.relay.notice import Alert
from alerts.relay.words import WORDS

SHAPES = {"wecom": WECOM, "dingtalk": DINGTALK, "feishu": FEISHU, "app": FEISHU_APP}
LIMITS = {"wecom": 4_096, "dingtalk": 20_000, "feishu": 20_000, "app": 30_000}
HOSTILE = st.text(st.one_of(st.sampled_from('*_[]()<>`#~|"\\\n等é🙋'), st.characters(codec="utf-8")), max_size=3_000)


def story(*alerts: Alert, told: Told | None = None, unnamed: int = 0) -> Story:
    return stories([Pending(1, "i", 0, alerts, unnamed)], {"i": told or Told()})[0]


def shown(name: str, told: list[Story], language: str = "en", waited_ms: int = 0) -> str:
    shape = SHAPES[name]
    return text_of(name, shape.card(fit(draft(told, WORDS[language], waited_ms), shape.layout)))


def text_of(name: str, body: dict[str, object]) -> str:
    """What people see, as the platform's markup."""
    if name == "wecom":
        return str(body["markdown"]["content"])  # type: ignore[index]
    if name == "dingtalk":
        return str(body["markdown"]["text"])  # type: ignore[index]
    return json.dumps(json.loads(str(body["content"])) if name == "app" else body["card"], ensure_ascii=False)


def weight(name: str, body: dict[str, object]) -> int:
    return len(text_of(name, body).encode()) if name == "wecom" else len(encoded(body))
