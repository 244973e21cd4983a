"""The annotations of an alert about Floorpulse itself or a team: templates that Prometheus fills in. Pure."""

from __future__ import annotations

import re

from alerts.prometheus.pipeline import PipelineRule
from alerts.prometheus.pipeline_words import SAID
from alerts.prometheus.texts import CLEAN, CLOCK, written
from alerts.text.words import LANGUAGES, WORDS, key_of


def pipeline_annotations(rule: PipelineRule) -> dict[str, str]:
    """Summary and description in English and under each other language's key, and links."""
    texts: dict[str, str] = {}
    for language in LANGUAGES:
        end = "" if language == "en" else f"_{key_of(language)}"
        summary, step = SAID[rule.words][language]
        said = _filled(summary, rule, language)
        parts = {"do": step, "now": said, "since": _since(rule)}
        words = WORDS[language]
        texts[f"summary{end}"] = said
        texts[f"description{end}"] = "\n".join(
            words["line"].replace("{label}", words[part]).replace("{text}", text) for part, text in parts.items()
        )
    return {
        **texts,
        "runbook_url": f"{{{{ $externalLabels.runbook }}}}#{rule.name.lower()}",
        "dashboard_url": "{{ with $externalLabels.board }}{{ . }}/{{ else }}{{ $externalLabels.dashboard }}{{ end }}",
    }


def _filled(text: str, rule: PipelineRule, language: str) -> str:
    """Value and labels put in; names from outside are cut."""
    value = f"{{{{ $value | {written(rule.unit, language)} }}}}"
    named = re.sub(r"\$([a-z]+)", lambda label: f"{{{{ $labels.{label[1]} | {CLEAN} }}}}", text)
    return named.replace("{v}", value)


def _since(rule: PipelineRule) -> str:
    more = "".join(f',{key}="{value}"' for key, value in {"severity": rule.severity, **rule.labels}.items())
    query = rule.since or f'min(ALERTS_FOR_STATE{{alertname="{rule.name}"{more}}})'
    asked = query.replace('"', r"\"")
    return f'{{{{ with query "{asked}" }}}}{{{{ . | first | value | {CLOCK} }}}}{{{{ else }}}}…{{{{ end }}}}'
