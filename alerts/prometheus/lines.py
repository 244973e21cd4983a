"""The lines of a queue's description that tell of more than the value: why, who is affected, target, trend. Pure.

Each brings the end of the line before it, and is not there where its numbers are not known.
"""

from __future__ import annotations

import re

from alerts.prometheus.parts import chosen, known, line, written
from alerts.prometheus.words import LINES
from alerts.text.words import WORDS

_WAITING = "max(cc_queue_contacts_waiting{%s})"
_LATE = 'max(cc_queue_contacts_waiting_over_target{%s,multiple="1"}) > 0'
_OFFERED = 'max(cc_queue_window_offered_contacts{%s,window="30m"})'
_COUNT = written("count")
_N = written("count", "$n | first | value")


def cause(language: str) -> str:
    """How many times the load of the hour before, and by what, the largest first."""
    words, lines = WORDS[language], LINES[language]
    driver = chosen({each: lines[each] for each in ("volume", "staff", "handle_time")}, "$one.Labels.driver")
    listed = (
        f"{{{{ range $at, $one := . }}}}{{{{ if $at }}}}{words['comma']}{{{{ end }}}}"
        f"{driver} ×{written('ratio', '$one.Value')}{{{{ end }}}}{lines['compared']}"
    )
    return known("sort_desc(max by (driver) (cc_queue_load_ratio{%s}))", listed, words["cause_unknown"])


def affected(kind: str, language: str) -> str:
    """Whom it hits: those who wait, gave up or were lost; or the cases, the callbacks, the contacts of a week ago."""
    words = WORDS[language]
    if kind == "backlog":
        counts = {
            "overdue": "max(cc_backlog_overdue_contacts{%s})",
            "due": "max(cc_backlog_due_soon_contacts{%s})",
        }
        return _line(language, "sum(max by (state) (cc_backlog_contacts{%s}))", words["cases"], counts)
    if kind == "callbacks":
        overdue = {"overdue": 'max(cc_callbacks{%s,state="overdue"})'}
        return _line(language, 'max(cc_callbacks{%s,state="due"})', words["callbacks"], overdue)
    if kind == "volume":
        before = {"before": f"{_OFFERED.removesuffix(')')} offset 1w)"}
        return _line(language, _OFFERED, LINES[language]["volume_now"], before)
    late = words["late"].replace("{n}", _N).replace("{late}", _COUNT)
    gave_up, lost = (
        known(f"{query} > 0", words["comma"] + words[word].replace("{n}", _COUNT))
        for word, query in (
            ("gave_up", 'max(cc_queue_window_abandoned_contacts{%s,window="30m"})'),
            ("lost", "max(cc_queue_lost_contacts{%s})"),
        )
    )
    said = known(_LATE, late, words["waiting"].replace("{n}", _N)) + gave_up + lost
    return known(_WAITING, "{{ $n := . }}\n" + line(words, "affected", said))


def target(language: str) -> str:
    """The queue's target and the service level of the last 30 minutes."""
    words = WORDS[language]
    # The engine's words but for the last 5 minutes, which no series tells.
    text = re.sub(r"[,，] ?[^,，]*\{lately}", "", words["goal"])
    seconds = known("max(cc_queue_target_wait_seconds{%s})", written("duration"), "–")
    level = known(
        "floor(100 * max(queue_channel:cc_queue_service_level:ratio30m{%s}) + 1e-9)",
        written("percent"),
        words["nothing"],
    )
    said = text.replace("{percent}", written("percent")).replace("{seconds}", seconds).replace("{level}", level)
    return known("100 * max(cc_queue_target_service_level_ratio{%s})", "\n" + line(words, "target", said))


def trend(language: str) -> str:
    """How many wait, and how many did 5 minutes ago."""
    before = {"before": f"{_WAITING.removesuffix(')')} offset 5m)"}
    return _line(language, _WAITING, LINES[language]["trend"], before, "trend")


def _line(language: str, first: str, text: str, others: dict[str, str], label: str = "affected") -> str:
    """A line of which {n} and all others are known, else none."""
    said = "\n" + line(WORDS[language], label, text.replace("{n}", _N))
    for name in others:
        said = said.replace(f"{{{name}}}", written("count", f"${name} | first | value"))
    for name, query in reversed(others.items()):
        said = known(query, f"{{{{ ${name} := . }}}}{said}")
    return known(first, f"{{{{ $n := . }}}}{said}")
