"""The pieces that annotations of Prometheus' rules are put together from: Go templates for numbers and names. Pure.

A number looks as in `alerts.text.plain`. How it is written stands once in an annotation, as templates of its own that
`whole` puts before the text; they are the ones of Prometheus 2.42. What is asked is worked out anew at every evaluation
while the alert is on, so one number is one query.
"""

from __future__ import annotations

from collections.abc import Mapping

from alerts.text.words import Words

# What names the queue, and with its severity the limit, in every query.
PLACE = '{{ $q := printf "queue=%q,channel=%q" $labels.queue $labels.channel }}'
SEVERITY = "$q $labels.severity"
#: What stands for a number that nobody knows in a sentence that cannot do without.
UNKNOWN = "–"
# A name from outside: cut, no address that chats make a link of, without signs that they act upon.
CLEAN = r'reReplaceAll "://" "：//" | reReplaceAll "[<>@*~|\\[\\]\\\\\\x60]" " " | printf "%.40s"'
_COUNT = (
    r'{{ define "count" }}{{ if lt . 9.95 }}{{ . | printf "%.1f" | reReplaceAll "\\.0$" "" }}'
    '{{ else }}{{ printf "%.0f" . }}{{ end }}{{ end }}'
)


def whole(text: str, words: Words) -> str:
    """`text` behind the templates that it calls, and behind what names its queue where it asks for that."""
    defines = (("time", _time(words)), ("count", _COUNT))
    before = "".join(define for name, define in defines if f'template "{name}"' in text)
    return before + (PLACE if "$q" in text else "") + text


def _time(words: Words) -> str:
    """3 min 25 s: the two largest units, without a second one that is 0, in the words of the language."""
    units = "".join(
        f' | reReplaceAll "{sign}" "{words[word].format(n="")}"'
        for sign, word in (("m", "min"), ("h", "h"), ("d", "d"), ("s", "s"))
    )
    return (
        r'{{ define "time" }}{{ . | printf "%f" | reReplaceAll "\\..*" "" | humanizeDuration'
        r' | reReplaceAll "^(\\S+ \\S+) .*" "$1" | reReplaceAll " 0.$" ""' + units + " }}{{ end }}"
    )


def written(unit: str, value: str = ". | first | value") -> str:
    """A value in the form of its unit: "duration", "percent" (of a share times 100), "ratio", "count" of whole ones."""
    if unit == "count":
        return f'{{{{ {value} | printf "%.0f" }}}}'
    name, sign = {"duration": ("time", ""), "percent": ("count", "%"), "ratio": ("count", "")}[unit]
    return f'{{{{ template "{name}" ({value}) }}}}{sign}'


def scaled(query: str, unit: str, *, low_is_bad: bool = False) -> str:
    """PromQL of what `written` takes: a share as percent, rounded down where low is bad."""
    if unit != "percent":
        return query
    return f"floor(100 * {query} + 1e-9)" if low_is_bad else f"100 * {query}"


def asked(query: str, arguments: str = "$q") -> str:
    """The template's call that asks Prometheus: `query` has %s for each of `arguments`, none for no arguments."""
    text = query.replace('"', r"\"")
    return f'printf "{text}" {arguments} | query' if arguments else f'query "{text}"'


def known(query: str, then: str, otherwise: str = "", arguments: str = "$q") -> str:
    """`then`, in which the dot is what the query found, else `otherwise`."""
    more = f"{{{{ else }}}}{otherwise}" if otherwise else ""
    return f"{{{{ with {asked(query, arguments)} }}}}{then}{more}{{{{ end }}}}"


def chosen(choices: Mapping[str, str], what: str) -> str:
    """The text whose key is the value of `what`; the last one for any other."""
    *first, (_, last) = choices.items()
    parts = [
        f'{{{{ {"if" if at == 0 else "else if"} eq {what} "{key}" }}}}{text}' for at, (key, text) in enumerate(first)
    ]
    return "".join(parts) + f"{{{{ else }}}}{last}{{{{ end }}}}"


def named(what: str) -> str:
    """A name from outside, cut and without what chats act upon."""
    return f"{{{{ {what} | {CLEAN} }}}}"


def line(words: Words, label: str, text: str) -> str:
    """A line of a description, with its label."""
    return words["line"].replace("{label}", words[label]).replace("{text}", text)


def since(query: str, words: Words, arguments: str = "$q") -> str:
    """The line of the start and how long ago that is, behind a line end; "" where no series tells it.

    Prometheus knows no zone of a queue, so it is UTC, with the date: another day may have begun there.
    """
    clock = r'{{ . | first | value | humanizeTimestamp | reReplaceAll "(\\.[0-9]+)? [+].*" "" }}'
    ago = known(f"time() - {query}", written("duration"), UNKNOWN, arguments)
    text = words["began"].replace("{clock}", clock).replace("{zone}", "UTC").replace("{time}", ago)
    return known(query, "\n" + line(words, "since", text), arguments=arguments)
