"""The relay's words are those of the templates and of the alerts' own texts."""

import pytest

from alerts.prometheus.words import LINES
from alerts.relay.words import WORDS
from alerts.text import words as message_words
from alerts.text.template_words import FRAME


@pytest.mark.parametrize("language", message_words.LANGUAGES)
def test_a_thing_has_one_word(language: str) -> None:
    words, frame, said = WORDS[language], FRAME[language], message_words.WORDS[language]

    for name in ("critical", "warning"):
        assert words.severity(name) == frame[name]
        assert words.severity(name).lower() == said[name]
    for name in ("alert", "board", "acknowledge", "runbook", "eased"):
        assert getattr(words, name) == frame[name]
    assert words.over.lower() == frame["over"].lower()
    assert words.back == LINES[language]["back"]
