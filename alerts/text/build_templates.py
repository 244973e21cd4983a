"""Alertmanager's templates from one source: a Go template takes no language as an argument, so each has its own file.

`python -m alerts.text.build_templates` writes alerts/templates/floorpulse.<language>.tmpl; `--check` fails where one
is old.
In templates/source/ `[[word]]` stands for a word of the language, `[[title:…]]` and `[[lines:…]]` for a piece that
several templates share: what a Go template gives cannot be cut or escaped by another one, so the piece is put in.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from alerts.text.template_words import FRAME
from alerts.text.words import LANGUAGES, WORDS, key_of

FOLDER = Path(__file__).parents[1] / "templates"
# What a receiver may ask for, with ".en", ".zh-cn" or ".zh-tw" at the end; without one it is English.
NAMES = ("title", "text", "url", "slack.title", "slack.text", "teams.text", "wecom", "email.html")
# So many lines of an incident, and what stands after each; a WeCom message has room for fewer and shorter ones.
_LINES = {"plain": 10, "slack": 10, "teams": 10, "wecom": 4}
_TITLE = 'print "[[left]]" $word $size "[[right]]" [[summary]]'
# What is not so any more when an alert is over.
_OF_NOW = ("do", "cause", "now", "trend")


def template_of(language: str) -> str:
    """The text of one language's file."""
    key = key_of(language)
    # A rule of somebody else's may have but one language, or no texts at all.
    summary = f"(or .Annotations.summary_{key} .Annotations.summary .Labels.alertname)"
    description = f"(or .Annotations.description_{key} .Annotations.description)"
    over = summary.replace("(or ", f"(or .Annotations.ended_{key} .Annotations.ended ")
    ended = _ended(description, language)
    text = _piece("message").replace("[[worst]]", _piece("worst"))
    text = re.sub(r"\[\[title:(\w+)]]", lambda found: _title(found[1]), text)
    text = re.sub(r"\[\[lines:(\w+)]]", lambda found: _lines(found[1]), text)
    text = re.sub(r"\[\[card:(#\w+):(\w+)]]", lambda found: _card(found[1], found[2]), text)
    values = {
        **FRAME[language],
        "tag": language.lower(),
        "language": language,
        "summary": summary,
        "summary:over": over,
        "description": description,
        "summary:escaped": _escaped(summary),
        "summary:over:escaped": _escaped(over),
        "description:escaped": _escaped(description),
        "ended": ended,
        "ended:escaped": _escaped(ended),
        ".:escaped": _escaped("."),
    }
    for _ in range(2):
        # A value may hold a word of the frame.
        text = re.sub(r"\[\[([^\[\]]+)]]", lambda found: values[found[1]], text)
    return text


def _ended(description: str, language: str) -> str:
    """Go for what a description says of an alert that is over.

    Prometheus ends one with the texts of its last look: nobody is to do anything any more, and nothing there is of now.
    """
    words = WORDS[language]
    labels = "|".join(words[each] for each in _OF_NOW)
    of_now = words["line"].format(label=f"(?:{labels})", text=".*")
    going = words["began"].split("{zone}")[1].removesuffix("{time}")[1:]
    since = words["line"].format(label=words["since"], text=f"(.*){going}(.*)")
    began = words["line"].format(label="[[began]]", text="${1}[[lasted]]${2}")
    left = f'(reReplaceAll "(?m)^{of_now}\\n?" "" {description})'
    return f'(reReplaceAll "\\n$" "" (reReplaceAll "(?m)^{since}$" "{began}" {left}))'


# For PagerDuty and Slack, in no language: how bad the worst is that goes on.
_WORDLESS = """
{{ define "floorpulse.severity" -}}
[[worst]]
{{- if not .Alerts.Firing }}info{{ else if eq $severity "critical" }}critical{{ else }}warning{{ end -}}
{{- end }}

{{ define "floorpulse.slack.color" -}}
[[worst]]
{{- if not .Alerts.Firing }}good{{ else if eq $severity "critical" }}danger{{ else }}warning{{ end -}}
{{- end }}
"""


def in_english(names: tuple[str, ...] = NAMES) -> str:
    """The templates without a language in their names."""
    lines = (
        f'{{{{ define "floorpulse.{name}" }}}}{{{{ template "floorpulse.{name}.en" . }}}}{{{{ end }}}}'
        for name in names
    )
    return "\n" + "\n".join(lines) + "\n" + _WORDLESS.replace("[[worst]]", _piece("worst"))


def files() -> dict[Path, str]:
    """Every file that is made, with its text."""
    made = {FOLDER / f"floorpulse.{language.lower()}.tmpl": template_of(language) for language in LANGUAGES}
    made[FOLDER / "floorpulse.en.tmpl"] += in_english()
    return made


def _piece(name: str) -> str:
    return (
        (FOLDER / "source" / f"{name}.tmpl").read_text(encoding="utf-8").removesuffix("\n" if name != "message" else "")
    )


def _escaped(value: str) -> str:
    """Go for `value` with &, < and > as entities, as Slack and HTML want them."""
    return f'reReplaceAll ">" "&gt;" (reReplaceAll "<" "&lt;" (reReplaceAll "&" "&amp;" {value}))'


def _title(style: str) -> str:
    most = 120 if style == "wecom" else 200
    text = _piece("title")
    for place, summary in (("[[said]]", "[[summary]]"), ("[[said:over]]", "[[summary:over]]")):
        said = f'(printf "%.{most}s" ({_TITLE.replace("[[summary]]", summary)}))'
        text = text.replace(place, _escaped(said) if style == "escaped" else said)
    return text


def _lines(style: str) -> str:
    after = ""
    piece = _piece("lines").replace("[[most]]", str(_LINES[style]))
    for place, summary in (("[[said]]", "summary"), ("[[said:over]]", "summary:over")):
        said = f"[[{summary}]]"
        if style == "wecom":
            said = f'printf "%.[[wecom_line]]s" {said}'
        elif style == "slack":
            said = f"[[{summary}:escaped]]"
            after = "{{ with .Annotations.acknowledge_url }} <{{ [[.:escaped]] }}|[[acknowledge]]>{{ end }}"
        piece = piece.replace(place, said)
    piece = piece.replace("[[after]]", after)
    return re.sub(r"\n(?=•|\[\[more_before)", "\n\n", piece) if style == "teams" else piece


def _card(colour: str, word: str) -> str:
    """The card of an alert; of one that is over nothing is of now, and nothing is acknowledged."""
    text = _piece("card").replace("[[colour]]", colour).replace("[[word]]", f"[[{word}]]")
    if word != "over":
        return text.replace("[[said]]", "[[description:escaped]]")
    text = re.sub(r"\{\{ with \.Annotations\.acknowledge_url }}.*?\{\{ end }}", "", text)
    return text.replace("[[summary]]", "[[summary:over]]").replace("[[said]]", "[[ended:escaped]]")


def main() -> None:
    """Write the files, or say which are old."""
    old = [path for path, text in files().items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    if "--check" in sys.argv[1:]:
        if old:
            names = ", ".join(path.name for path in old)
            raise SystemExit(f"{names}: not as templates/source makes them; run python -m alerts.text.build_templates")
        return
    for path in old:
        path.write_text(files()[path], encoding="utf-8")


if __name__ == "__main__":
    main()
