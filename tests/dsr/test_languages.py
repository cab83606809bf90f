"""Every language says the same things, with the same places to fill in."""

from string import Formatter

import pytest

from dsr import languages
from dsr.models import Right


def places(text):
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("language", languages.LANGUAGES)
def test_each_language_has_each_sentence_with_its_places(language):
    theirs, ours = languages.sentences(language), languages.sentences("en")

    assert theirs.keys() == ours.keys()
    assert {k: places(t) for k, t in theirs.items()} == {
        k: places(t) for k, t in ours.items()
    }
    assert all(text for text in theirs.values())


@pytest.mark.parametrize("language", languages.LANGUAGES)
def test_every_right_has_its_plain_words(language):
    words = languages.group(language, "right")

    assert {name for name in words if not name.endswith("_help")} == set(Right.values)


def test_a_missing_value_is_found():
    with pytest.raises(KeyError):
        languages.say("en", "sent.reference")


def test_what_we_do_not_speak_is_english():
    assert languages.known("pt-BR") == "en"
    assert languages.known("FR_ca") == "fr"
    assert languages.chosen("xx", "ja, *;q=0.1") == "en"
    assert languages.chosen("es", "de") == "es"
