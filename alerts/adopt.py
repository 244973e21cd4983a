"""What an Alertmanager still holds of us, as states to go on from, when Redis has forgotten them. Pure.

Without it every alert of before would end there by itself after some minutes and begin again under another incident:
a false "resolved" and a second message for each.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from alerts.notices import FLOOR, SOURCE
from alerts.rulebook import BY_NAME
from kpi.alert_state import Held
from kpi.floor import SEVERITIES
from kpi.instants import parse_time
from kpi.keys import LIVE
from kpi.label_names import label_name

Key = tuple[str, str]


def adopted(alerts: Iterable[Mapping[str, Any]], namespace: str, queues: Iterable[Key]) -> tuple[Held, ...]:
    """The alerts of this namespace that an Alertmanager holds, as they would stand in Redis; of any shape, unchecked.

    `queues`: the queues there are, for a label may be a shortened name. Whatever is not understood is left to end.
    """
    ids = {(label_name(queue), channel): queue for queue, channel in queues}
    found: dict[str, Held] = {}
    for alert in alerts:
        held = _adopted(alert, namespace, ids)
        # Two replicas tell the same; of two incidents of one limit the newer one goes on.
        if held is not None and held.since_ms >= found.get(held.field, held).since_ms:
            found[held.field] = held
    return tuple(found.values())


def _adopted(alert: Mapping[str, Any], namespace: str, ids: Mapping[Key, str]) -> Held | None:
    labels, texts = alert.get("labels"), alert.get("annotations")
    if not isinstance(labels, dict) or not isinstance(texts, dict):
        return None
    word = {name: str(value) for name, value in labels.items()}
    rule, severity = BY_NAME.get(word.get("alertname", "")), word.get("severity", "")
    if rule is None or severity not in SEVERITIES or rule.engine != SOURCE:
        return None
    if (word.get("source"), word.get("audience"), word.get("namespace", LIVE)) != (SOURCE, FLOOR, namespace):
        return None
    queue, channel = word.get("queue", ""), word.get("channel", "")
    try:
        since_ms = parse_time(str(alert.get("startsAt")))
    except ValueError:
        return None
    return Held(
        rule=rule.name,
        severity=severity,
        queue=ids.get((queue, channel), queue),
        channel=channel,
        group=word.get("group", ""),
        incident=word.get("incident", ""),
        phase="firing",
        since_ms=since_ms,
        fired_ms=since_ms,
        looked_ms=since_ms,
        annotations={str(name): str(text) for name, text in texts.items()},
        reason="adopted",
    )
