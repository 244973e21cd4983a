"""The annotations of a queue rule: templates that Prometheus fills in, with the keys that every alert has. Pure.

They say what the engine's say (`alerts.text.message`), as far as series tell it: names, sizes and labels are the same.
Prometheus ends an alert with the texts of its last look, so `ended` is worked out at every look as well: what is told
when there is none after it. It says neither that the value is good (the hours may have ended, or our engine be back)
nor anything of now.
"""

from __future__ import annotations

import re

from alerts.prometheus.lines import affected, cause, target, trend
from alerts.prometheus.machine import machine_of
from alerts.prometheus.parts import (
    SEVERITY,
    UNKNOWN,
    asked,
    known,
    line,
    named,
    scaled,
    since,
    whole,
    written,
)
from alerts.prometheus.rule import QueueRule
from alerts.prometheus.states import HOLD_SECONDS
from alerts.prometheus.words import LINES, first_step, noun_of
from alerts.text.sizes import size_of
from alerts.text.words import LANGUAGES, WORDS, key_of

CHANNELS = ("voice", "chat", "email", "ticket", "callback", "message", "video", "social")
# The largest value is looked for in at most this long: an alert that lasts for days must not cost more and more.
_MOST_SECONDS = 6 * 3_600
# How far back what is not known now is looked for; and beside a value that is still believed (HOLD_SECONDS).
_BEFORE, _LATELY = "1h", "1m"


def queue_annotations(rule: QueueRule) -> dict[str, str]:
    """All annotations of one rule: summary, description and end in English and under each language's key, and links."""
    texts: dict[str, str] = {}
    for language in LANGUAGES:
        end = "" if language == "en" else f"_{key_of(language)}"
        told = {
            "summary": _summary(_size(rule, language), language),
            "description": _description(rule, language),
            "ended": _summary(_ended(rule, language), language),
        }
        texts |= {f"{name}{end}": whole(text, WORDS[language]) for name, text in told.items()}
    return {**texts, **links(rule)}


def links(rule: QueueRule) -> dict[str, str]:
    """Where an alert of a queue leads: the runbook, the queue's view when it began, the form to acknowledge it.

    Without the external label `board` the view is Grafana's, and nothing can be acknowledged by a link.
    """
    name = rule.rule.name
    at = "at=" + known(_since(rule), '{{ . | first | value | printf "%.0f000" }}', "0", SEVERITY)
    queue, channel = (
        f'{{{{ $labels.{label} | urlquery | reReplaceAll "\\\\+" "%20" }}}}' for label in ("queue", "channel")
    )
    path = f"/queue/{queue}/{channel}?"
    grafana = "?var-queue={{ $labels.queue | urlquery }}&var-channel={{ $labels.channel | urlquery }}"
    view = (
        f"{{{{ with $externalLabels.board }}}}{{{{ . }}}}{path}{at}"
        f"{{{{ else }}}}{{{{ $externalLabels.dashboard }}}}{grafana}{{{{ end }}}}"
    )
    form = (
        f"{{{{ with $externalLabels.board }}}}{{{{ . }}}}{path}{at}&ack={name}.{{{{ $labels.severity }}}}{{{{ end }}}}"
    )
    return {
        "runbook_url": f"{{{{ $externalLabels.runbook }}}}#{name.lower()}",
        "dashboard_url": whole(view, WORDS["en"]),
        "acknowledge_url": whole(form, WORDS["en"]),
    }


# The series of one alert.


def _bad(rule: QueueRule) -> str:
    return f'{machine_of(rule).bad}{{measure="{rule.rule.measure}",%s,severity=%q}}'


def _since(rule: QueueRule) -> str:
    return f'{machine_of(rule).since}{{measure="{rule.rule.measure}",%s,severity=%q}}'


def _is_known(rule: QueueRule) -> str:
    """A value is bad without a new one for HOLD_SECONDS at most: without either nobody knows."""
    return f"time() - {machine_of(rule).known} <= {HOLD_SECONDS}"


def _scaled(rule: QueueRule, query: str) -> str:
    return scaled(query, size_of(rule.rule.name).unit, low_is_bad=rule.rule.low_is_bad)


# What is said of it.


def _summary(size: str, language: str) -> str:
    words = WORDS[language]
    return words["summary"].replace("{name}", _name(language)).replace("{size}", size)


def _name(language: str) -> str:
    """The queue as people know it in a language, and its channel unless that is the telephone."""
    words = WORDS[language]
    query = f'cc_queue_display_name_info{{%[1]s,language="{language}"}} or on () cc_queue_info{{%[1]s}}'
    name = known(query, named('. | first | label "display_name"'), named("$labels.queue"))
    called = "".join(f' | reReplaceAll "^{each}$" "{words[each]}"' for each in CHANNELS if words[each] != each)
    channel = named(f"$labels.channel{called}")
    before, after = words["name"].split("{name}")
    behind = after.replace("{channel}", channel)
    return f'{before}{name}{{{{ if not (eq $labels.channel "voice" "") }}}}{behind}{{{{ end }}}}'


def _size(rule: QueueRule, language: str) -> str:
    """How bad it is; that it is good again but watched; or, while nobody knows, how bad it was."""
    before, after = LINES[language]["last_known"].split("{size}")
    noun = noun_of(rule.rule.name, language)
    was = f"{{{{ if not $bad }}}}{after}{{{{ end }}}}"
    last = known(
        _scaled(rule, f"last_over_time({_bad(rule)}[{_BEFORE}])"), _sized(rule, language, _BEFORE) + was, noun, SEVERITY
    )
    return (
        f"{{{{ $bad := {asked(_bad(rule), SEVERITY)} }}}}{{{{ if or $bad (not ({asked(_is_known(rule), '')})) }}}}"
        f"{before}{last}{{{{ else }}}}{_easing(rule, language)}{{{{ end }}}}"
    )


def _now(rule: QueueRule, language: str) -> str:
    """The line of how bad it is now; none while nobody knows."""
    begin = "\n" + line(WORDS[language], "now", "")
    easing = known(_is_known(rule), begin + _easing(rule, language), arguments="")
    return known(_scaled(rule, _bad(rule)), begin + _sized(rule, language, _LATELY), easing, SEVERITY)


def _easing(rule: QueueRule, language: str) -> str:
    return WORDS[language]["easing"].format(noun=noun_of(rule.rule.name, language))


def _sized(rule: QueueRule, language: str, back: str) -> str:
    """The engine's words for how bad it is; the dot is the value. `back`: how old what stands beside it may be."""
    size = size_of(rule.rule.name)
    matched = rule.limits.removesuffix("}") + "," if rule.limits.endswith("}") else rule.limits + "{"
    goal = _or_last("max", "cc_queue_target_service_level_ratio{%[1]s}", back)
    numbers = {
        "{now}": written(size.unit),
        "{limit}": known(
            _scaled(rule, _or_last("min", f"{matched}%[1]s,severity=%[2]q}}", back)),
            written(size.unit),
            UNKNOWN,
            SEVERITY,
        ),
        "{n}": known(_or_last("max", "cc_queue_contacts_waiting{%[1]s}", back), written("count"), UNKNOWN),
        "{goal}": known(f"100 * {goal}", written("percent"), UNKNOWN),
        "{short}": known(_or_last("max", "cc_queue_short_abandon_seconds{%[1]s}", back), written("count"), UNKNOWN),
    }
    return re.sub(r"\{\w+}", lambda found: numbers[found[0]], size.said[language].size)


def _or_last(largest: str, series: str, back: str) -> str:
    """What is known now, else last: a scrape may lack what stands beside a value that is still believed."""
    return f"({largest}({series}) or {largest}(last_over_time({series}[{back}])))"


def _worst(rule: QueueRule, language: str) -> str:
    """The worst value since it began, behind a comma; nothing where there is none."""
    words, unit = WORDS[language], size_of(rule.rule.name).unit
    over = "min_over_time" if rule.rule.low_is_bad else "max_over_time"
    # A range cannot be shorter than a second, and the first value counts.
    ago = f"clamp_max(time() - {_since(rule)} + 1, {_MOST_SECONDS})"
    worst = known(
        _scaled(rule, f"{over}({_bad(rule)}[%.0fs])"),
        words["comma"] + words["was"].replace("{peak}", written(unit)),
        arguments=f"{SEVERITY} (. | first | value)",
    )
    return known(ago, worst, arguments=SEVERITY)


def _ended(rule: QueueRule, language: str) -> str:
    words, noun = WORDS[language], noun_of(rule.rule.name, language)
    ended = words["stopped"].replace("{noun}", noun).replace("{time}", written("duration")) + _worst(rule, language)
    return known(f"time() - {_since(rule)}", ended, words["stopped_plain"].replace("{noun}", noun), SEVERITY)


def _description(rule: QueueRule, language: str) -> str:
    """Lines of "label: text"; the first two are always there, each of the others brings the end of the one before."""
    words = WORDS[language]
    lines = [line(words, "do", first_step(rule.rule.name, language))]
    if rule.lines == "waiting":
        lines.append("\n" + line(words, "cause", cause(language)))
    lines += [_now(rule, language), since(_since(rule), words, SEVERITY), affected(rule.lines, language)]
    if rule.lines not in ("backlog", "callbacks"):
        lines.append(target(language))
    if rule.lines == "waiting":
        lines.append(trend(language))
    return "".join(lines)
