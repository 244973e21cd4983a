"""Schemas of the two kinds of the Prometheus operator that deploy/monitoring uses.

Written by us, for the fields that are used there and no others: no Python package carries the operator's own.
"""

from typing import Any

TEXT = {"type": "string", "minLength": 1}
COUNT = {"type": "integer", "minimum": 1}
DURATION = {
    "type": "string",
    "pattern": r"^(0|(([0-9]+)y)?(([0-9]+)w)?(([0-9]+)d)?(([0-9]+)h)?(([0-9]+)m)?(([0-9]+)s)?(([0-9]+)ms)?)$",
}
SIZE = {"type": "string", "pattern": r"^[0-9]+([KMGTPE]i?)?B$"}
TEXTS = {"type": "object", "additionalProperties": {"type": "string"}}


def thing(required: dict[str, Any], optional: dict[str, Any] | None = None) -> dict[str, Any]:
    """An object with these fields and no others."""
    return {
        "type": "object",
        "properties": {**required, **(optional or {})},
        "required": list(required),
        "additionalProperties": False,
    }


def many(item: dict[str, Any]) -> dict[str, Any]:
    """A list of at least one of them."""
    return {"type": "array", "items": item, "minItems": 1}


def manifest(kind: str, spec: dict[str, Any]) -> dict[str, Any]:
    """A whole object of the operator."""
    return thing(
        {
            "apiVersion": {"const": "monitoring.coreos.com/v1"},
            "kind": {"const": kind},
            "metadata": thing({"name": TEXT, "namespace": TEXT}, {"labels": TEXTS}),
            "spec": spec,
        }
    )


_RELABEL = thing({"targetLabel": TEXT, "replacement": TEXT}, {"action": {"enum": ["replace"]}})
_AUTHORIZATION = thing({"credentials": thing({"name": TEXT, "key": TEXT})}, {"type": TEXT})
_ENDPOINT = thing(
    {"port": TEXT, "path": TEXT, "interval": DURATION},
    {"scrapeTimeout": DURATION, "authorization": _AUTHORIZATION, "relabelings": many(_RELABEL)},
)
SERVICE_MONITOR = manifest(
    "ServiceMonitor",
    thing(
        {"selector": thing({"matchLabels": TEXTS}), "endpoints": many(_ENDPOINT)},
        {"sampleLimit": COUNT, "labelLimit": COUNT, "labelValueLengthLimit": COUNT, "bodySizeLimit": SIZE},
    ),
)
_ALERT = thing(
    {"alert": TEXT, "expr": TEXT},
    {"for": DURATION, "keep_firing_for": DURATION, "labels": TEXTS, "annotations": TEXTS},
)
_RECORD = thing({"record": TEXT, "expr": TEXT}, {"labels": TEXTS})
PROMETHEUS_RULE = manifest(
    "PrometheusRule",
    thing({"groups": many(thing({"name": TEXT, "rules": many({"oneOf": [_ALERT, _RECORD]})}, {"interval": DURATION}))}),
)
SCHEMAS = {"ServiceMonitor": SERVICE_MONITOR, "PrometheusRule": PROMETHEUS_RULE}
