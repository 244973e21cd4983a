"""The annotations of a queue rule: templates that Prometheus fills in, with the keys that every alert has. Pure.

Each is worked out anew at every evaluation while the alert is on, so they ask little: one query for a number. A name
from events is cut, and signs that chats act upon are taken out of it.
"""

from __future__ import annotations

from collections.abc import Mapping

from alerts.prometheus.machine import machine_of
from alerts.prometheus.rule import QueueRule
from alerts.prometheus.words import LINES, SAID, first_step
from alerts.text.words import LANGUAGES, WORDS, key_of

# What names the queue, and with its severity the limit, in every query.
_PLACE = '{{ $q := printf "queue=%q,channel=%q" $labels.queue $labels.channel }}'
_SEVERITY = "$q $labels.severity"
CLEAN = r'reReplaceAll "[<>@*~|\\[\\]\\\\\\x60]" " " | printf "%.40s"'
_UNITS = {"zh-CN": ("天", "小时", "分", "秒"), "zh-TW": ("天", "小時", "分", "秒")}
CLOCK = r'humanizeTimestamp | reReplaceAll "\\.[0-9]+|\\+0000 " ""'


def written(kind: str, language: str) -> str:
    """How a number of a kind is written: the end of a template's pipeline."""
    if kind == "percent":
        return "humanizePercentage"
    if kind != "seconds":
        return f'printf "%.{1 if kind == "times" else 0}f"'
    units = zip("dhms", _UNITS.get(language, ()), strict=False)
    return "humanizeDuration" + "".join(f' | reReplaceAll "{short}" " {unit}"' for short, unit in units)


def number(query: str, how: str, arguments: str = "$q", otherwise: str = "?") -> str:
    """A template for one number: `query` has %s for each of `arguments`."""
    asked = query.replace('"', r"\"")
    return (
        f'{{{{ with printf "{asked}" {arguments} | query }}}}{{{{ . | first | value | {how} }}}}'
        f"{{{{ else }}}}{otherwise}{{{{ end }}}}"
    )


def names(language: str) -> str:
    """The queue as people know it in a language, and its channel where that is another word."""
    by_language = f'cc_queue_display_name_info{{%s,language=\\"{language}\\"}}'
    return (
        f'{{{{ with printf "{by_language}" $q | query }}}}{{{{ . | first | label "display_name" | {CLEAN} }}}}'
        f'{{{{ else }}}}{{{{ with printf "cc_queue_info{{%s}}" $q | query }}}}'
        f'{{{{ . | first | label "display_name" | {CLEAN} }}}}'
        f"{{{{ else }}}}{{{{ $labels.queue | {CLEAN} }}}}{{{{ end }}}}{{{{ end }}}}"
    )


def chosen(choices: Mapping[str, str], what: str) -> str:
    """The text whose key is the value of `what`; the last one for any other."""
    *first, (_, last) = choices.items()
    parts = [
        f'{{{{ {"if" if at == 0 else "else if"} eq {what} "{key}" }}}}{text}' for at, (key, text) in enumerate(first)
    ]
    return "".join(parts) + f"{{{{ else }}}}{last}{{{{ end }}}}"


def queue_annotations(rule: QueueRule) -> dict[str, str]:
    """All annotations of one rule: summary and description in English and under each language's own key, and links."""
    texts: dict[str, str] = {}
    for language in LANGUAGES:
        end = "" if language == "en" else f"_{key_of(language)}"
        texts[f"summary{end}"] = _PLACE + _summary(rule, language)
        texts[f"description{end}"] = _PLACE + _description(rule, language)
    return {**texts, **links(rule)}


def links(rule: QueueRule) -> dict[str, str]:
    """Where an alert of a queue leads: the runbook, the queue's view when it began, the form to acknowledge it.

    Without the external label `board` the view is Grafana's, and nothing can be acknowledged by a link.
    """
    name = rule.rule.name
    at = "at=" + number(_since(rule), 'printf "%.0f000"', _SEVERITY, "0")
    queue, channel = (
        f'{{{{ $labels.{label} | urlquery | reReplaceAll "\\\\+" "%20" }}}}' for label in ("queue", "channel")
    )
    path = f"/queue/{queue}/{channel}?"
    grafana = "?var-queue={{ $labels.queue | urlquery }}&var-channel={{ $labels.channel | urlquery }}"
    return {
        "runbook_url": f"{{{{ $externalLabels.runbook }}}}#{name.lower()}",
        "dashboard_url": f"{_PLACE}{{{{ with $externalLabels.board }}}}{{{{ . }}}}{path}{at}"
        f"{{{{ else }}}}{{{{ $externalLabels.dashboard }}}}{grafana}{{{{ end }}}}",
        "acknowledge_url": f"{_PLACE}{{{{ with $externalLabels.board }}}}{{{{ . }}}}{path}{at}"
        f"&ack={name}.{{{{ $labels.severity }}}}{{{{ end }}}}",
    }


def _value(rule: QueueRule, language: str, otherwise: str) -> str:
    kind = SAID[rule.rule.name][0]
    query = f'{machine_of(rule).bad}{{measure="{rule.rule.measure}",%s,severity=%q}}'
    return number(query, written(kind, language), _SEVERITY, otherwise)


def _since(rule: QueueRule) -> str:
    return f'{machine_of(rule).since}{{measure="{rule.rule.measure}",%s,severity=%q}}'


def _limit(rule: QueueRule, language: str) -> str:
    kind = SAID[rule.rule.name][0]
    matched = rule.limits.removesuffix("}") + "," if rule.limits.endswith("}") else rule.limits + "{"
    return number(f"min({matched}%s,severity=%q}})", written(kind, language), _SEVERITY)


def _said(rule: QueueRule, language: str) -> str:
    text = SAID[rule.rule.name][1][language]
    return text.replace("{v}", _value(rule, language, "…")).replace("{l}", _limit(rule, language))


def _summary(rule: QueueRule, language: str) -> str:
    name = WORDS[language]["name"].replace("{name}", names(language)).replace("{channel}", _channel(language))
    return WORDS[language]["summary"].replace("{name}", name).replace("{size}", _said(rule, language))


def _channel(language: str) -> str:
    """The channel in the language's own word; English has the same words as the label."""
    channels = ("voice", "chat", "email", "ticket", "callback", "message", "video", "social")
    if language == "en":
        return "{{ $labels.channel }}"
    return chosen(
        {**{each: WORDS[language][each] for each in channels}, "": "{{ $labels.channel }}"}, "$labels.channel"
    )


def _description(rule: QueueRule, language: str) -> str:
    words, lines = WORDS[language], LINES[language]
    severity = chosen({each: words[each] for each in ("critical", "warning")}, "$labels.severity")
    since = number(_since(rule), CLOCK, _SEVERITY)
    now = SAID[rule.rule.name][1][language].replace("{v}", _value(rule, language, lines["back"]))
    parts = [
        ("do", first_step(rule.rule.name, language)),
        ("cause", _cause(language)) if rule.lines == "waiting" else None,
        ("now", now.replace("{l}", _limit(rule, language))),
        ("since", since),
        ("affected", _affected(rule.lines, language)),
        ("target", lines["limit"].replace("{l}", _limit(rule, language)).replace("{severity}", severity)),
        ("trend", _trend(language)) if rule.lines == "waiting" else None,
    ]
    return "\n".join(
        words["line"].format(label=words[part[0]], text="\0").replace("\0", part[1]) for part in parts if part
    )


def _cause(language: str) -> str:
    """How many times the load of the hour before, and by what, the largest first."""
    lines = LINES[language]
    query = r'{{ with printf "sort_desc(max by (driver) (cc_queue_load_ratio{%s}))" $q | query }}'
    driver = chosen({each: lines[each] for each in ("volume", "staff", "handle_time")}, "$one.Labels.driver")
    listed = (
        f"{{{{ range $at, $one := . }}}}{{{{ if $at }}}}{lines['comma']}{{{{ end }}}}"
        f'{driver} ×{{{{ printf "%.1f" $one.Value }}}}{{{{ end }}}}'
    )
    return f"{query}{listed}{lines['compared']}{{{{ else }}}}{lines['unknown']}{{{{ end }}}}"


def _affected(kind: str, language: str) -> str:
    numbers = {
        "waiting": {
            "{n}": "max(cc_queue_contacts_waiting{%s})",
            "{late}": 'max(cc_queue_contacts_waiting_over_target{%s,multiple="1"})',
            "{lost}": 'max(cc_queue_window_abandoned_contacts{%s,window="30m"})',
        },
        "backlog": {"{n}": "sum(max by (state) (cc_backlog_contacts{%s}))",
                    "{due}": "max(cc_backlog_due_soon_contacts{%s})"},
        "callbacks": {"{n}": 'max(cc_callbacks{%s,state="due"})'},
        "volume": {"{n}": 'max(cc_queue_window_offered_contacts{%s,window="30m"})',
                   "{before}": 'max(cc_queue_window_offered_contacts{%s,window="30m"} offset 1w)'},
    }  # fmt: skip
    kind = "waiting" if kind == "closed" else kind
    text = LINES[language]["volume_now" if kind == "volume" else kind]
    for sign, query in numbers[kind].items():
        text = text.replace(sign, number(query, 'printf "%.0f"'))
    return text


def _trend(language: str) -> str:
    text = LINES[language]["trend"]
    now, before = "max(cc_queue_contacts_waiting{%s})", "max(cc_queue_contacts_waiting{%s} offset 5m)"
    return text.replace("{n}", number(now, 'printf "%.0f"')).replace("{before}", number(before, 'printf "%.0f"'))
