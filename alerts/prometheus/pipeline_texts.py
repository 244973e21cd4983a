"""The annotations of an alert about Floorpulse itself or a team: templates that Prometheus fills in. Pure."""

from __future__ import annotations

import re

from alerts.prometheus.parts import UNKNOWN, known, line, named, since, whole, written
from alerts.prometheus.pipeline_nouns import NOUNS
from alerts.prometheus.pipeline_rule import PipelineRule
from alerts.prometheus.pipeline_words import SAID
from alerts.text.words import LANGUAGES, WORDS, key_of


def pipeline_annotations(rule: PipelineRule) -> dict[str, str]:
    """Summary, description and end in English and under each other language's key, and links."""
    texts: dict[str, str] = {}
    for language in LANGUAGES:
        end = "" if language == "en" else f"_{key_of(language)}"
        words, (summary, step) = WORDS[language], SAID[rule.words][language]
        said = _filled(summary, rule)
        description = f"{line(words, 'do', step)}\n{line(words, 'now', said)}{since(_since(rule), words, _own(rule))}"
        told = {"summary": said, "description": description, "ended": _ended(rule, language)}
        texts |= {f"{name}{end}": whole(text, words) for name, text in told.items()}
    return {
        **texts,
        "runbook_url": f"{{{{ $externalLabels.runbook }}}}#{rule.name.lower()}",
        "dashboard_url": "{{ with $externalLabels.board }}{{ . }}/{{ else }}{{ $externalLabels.dashboard }}{{ end }}",
    }


def _filled(text: str, rule: PipelineRule) -> str:
    """Value and labels put in; names from outside are cut."""
    value = written(rule.unit, "$value")
    if rule.value:
        value = known(f"100 * {rule.value}", written("percent"), UNKNOWN, _own(rule))
    elif rule.unit == "percent":
        value = known("100 * %f", written("percent"), arguments="$value")
    return re.sub(r"\$([a-z]+)", lambda label: named(f"$labels.{label[1]}"), text).replace("{v}", value)


def _ended(rule: PipelineRule, language: str) -> str:
    """What it was and how long it lasted, of now nothing: Prometheus ends an alert with the texts of its last look."""
    words, noun = WORDS[language], _filled(NOUNS[rule.words][language], rule)
    ended = words["stopped"].replace("{noun}", noun).replace("{time}", written("duration"))
    return known(f"time() - {_since(rule)}", ended, words["stopped_plain"].replace("{noun}", noun), _own(rule))


def _since(rule: PipelineRule) -> str:
    """PromQL of its start, with %q for each of `_own`: the same rule may have begun earlier of another one."""
    fixed = {"severity": rule.severity, **rule.labels}
    more = "".join(f',{key}="{value}"' for key, value in fixed.items()) + "".join(f",{key}=%q" for key in rule.by)
    return rule.since or f'min(ALERTS_FOR_STATE{{alertname="{rule.name}"{more}}})'


def _own(rule: PipelineRule) -> str:
    """What stands for the %q of `_since` and of a value that is asked for."""
    return " ".join(f"$labels.{key}" for key in rule.by)
