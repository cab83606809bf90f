"""Every language says the same things, with the same places to fill in."""

from string import Formatter

import pytest

from dsr import languages
from dsr.models import Right
from tests.privacy.factories import LENA, signed_in


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


@pytest.mark.django_db
def test_letters_are_sifted_by_the_name_of_their_language():
    page = signed_in(LENA).get("/admin/dsr/letter/", {"language": "de"})

    assert {row.language for row in page.context["cl"].result_list} == {"de"}
    assert ">German</a>" in page.text


def test_what_we_do_not_speak_is_english():
    assert languages.known("pt-BR") == "en"
    assert languages.known("FR_ca") == "fr"
    assert languages.chosen("xx", "ja, *;q=0.1") == "en"
    assert languages.chosen("es", "de") == "es"


@pytest.mark.parametrize(
    ("language", "link"),
    [("en", "link"), ("es", "enlace"), ("fr", "lien"), ("de", "link")],
)
@pytest.mark.parametrize("name", ["page.missing", "sent.keep", "letter.received"])
def test_what_opens_a_request_is_a_link_in_every_language(language, link, name):
    said = languages.sentences(language)[name].lower()

    assert link in said
    assert not {"adresse", "dirección", "address"} & set(said.replace(":", "").split())
