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


def template_of(language: str) -> str:
    """The text of one language's file."""
    key = key_of(language)
    # A rule of somebody else's may have but one language, or no texts at all.
    summary = f"(or .Annotations.summary_{key} .Annotations.summary .Labels.alertname)"
    description = f"(or .Annotations.description_{key} .Annotations.description)"
    # Prometheus ends an alert with the texts of its last look, and nobody is to do anything any more.
    step = WORDS[language]["line"].format(label=WORDS[language]["do"], text="")
    ended = f'(reReplaceAll "(?m)^{step}.*\\n?" "" {description})'
    text = _piece("message").replace("[[worst]]", _piece("worst"))
    text = re.sub(r"\[\[title:(\w+)]]", lambda found: _title(found[1]), text)
    text = re.sub(r"\[\[lines:(\w+)]]", lambda found: _lines(found[1]), text)
    text = re.sub(r"\[\[card:(#\w+):(\w+)]]", lambda found: _card(found[1], found[2]), text)
    values = {
        **FRAME[language],
        "tag": language.lower(),
        "language": language,
        "summary": summary,
        "description": description,
        "summary:escaped": _escaped(summary),
        "description:escaped": _escaped(description),
        "ended": ended,
        "ended:escaped": _escaped(ended),
        ".:escaped": _escaped("."),
    }
    return re.sub(r"\[\[([^\[\]]+)]]", lambda found: values[found[1]], text)


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
    said = f'(printf "%.{most}s" ({_TITLE}))'
    return _piece("title").replace("[[said]]", _escaped(said) if style == "escaped" else said)


def _lines(style: str) -> str:
    said, after = "[[summary]]", ""
    if style == "wecom":
        said = 'printf "%.[[wecom_line]]s" [[summary]]'
    elif style == "slack":
        said = "[[summary:escaped]]"
        after = "{{ with .Annotations.acknowledge_url }} <{{ [[.:escaped]] }}|[[acknowledge]]>{{ end }}"
    piece = (
        _piece("lines").replace("[[most]]", str(_LINES[style])).replace("[[said]]", said).replace("[[after]]", after)
    )
    return re.sub(r"\n(?=•|\[\[more_before)", "\n\n", piece) if style == "teams" else piece


def _card(colour: str, word: str) -> str:
    said = "[[ended:escaped]]" if word == "over" else "[[description:escaped]]"
    return _piece("card").replace("[[colour]]", colour).replace("[[word]]", f"[[{word}]]").replace("[[said]]", said)


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
