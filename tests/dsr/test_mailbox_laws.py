"""Whose law a mail means: by its name in any language, else by where the person is."""

import pytest

from dsr.mailbox import laws, letter, understanding
from tests.dsr.mails import mail

NAMED = [
    ("gemäß Datenschutz-Grundverordnung", "EU-GDPR"),
    ("nach Art. 17 DS-GVO", "EU-GDPR"),
    ("en vertu du règlement général sur la protection des données", "EU-GDPR"),
    ("loi Informatique et Libertés", "EU-GDPR"),
    ("conforme al Reglamento (UE) 2016/679", "EU-GDPR"),
    ("según la LOPDGDD", "EU-GDPR"),
    ("del Regolamento europeo sulla protezione dei dati", "EU-GDPR"),
    ("d.lgs. 196/2003", "EU-GDPR"),
    ("op grond van de AVG", "EU-GDPR"),
    ("Algemene verordening gegevensbescherming", "EU-GDPR"),
    ("Regulamento Geral sobre a Proteção de Dados", "EU-GDPR"),
    ("na podstawie RODO", "EU-GDPR"),
    ("ogólnego rozporządzenia o ochronie danych", "EU-GDPR"),
    ("enligt dataskyddsförordningen", "EU-GDPR"),
    ("efter databeskyttelsesforordningen", "EU-GDPR"),
    ("obecné nařízení o ochraně osobních údajů", "EU-GDPR"),
    ("Regulamentul general privind protecția datelor", "EU-GDPR"),
    ("under the DPA 2018", "UK-GDPR"),
    ("the UK GDPR and nothing else", "UK-GDPR"),
    ("nos termos da LGPD", "BR-LGPD"),
    ("the Virginia Consumer Data Protection Act", "US-VA"),
    ("Colorado Privacy Act", "US-CO"),
    ("Tex. Bus. & Com. Code 541.051", "US-TX"),
    ("ley de California", "US-CA"),
    ("Cal. Civ. Code 1798.105", "US-CA"),
    ("ORS 646A.574", "US-OR"),
]  # fmt: skip
LIVED = [
    ("ul. Zmyślona 8/2\n50-001 Wrocław", "EU-GDPR"),
    ("Musterweg 4\n28195 Bremen", "EU-GDPR"),
    ("Calle Ficticia 12, 3º B\n41003 Sevilla", "EU-GDPR"),
    ("Molenweg 4\n8011 AB Zwolle", "EU-GDPR"),
    ("Rua do Moinho 4\n1100-148 Lisboa", "EU-GDPR"),
    ("Storgatan 4\n111 29 Stockholm", "EU-GDPR"),
    ("I live in The Hague and have no account.", "EU-GDPR"),
    ("4 Tanyard Row\nLudlow\nSY8 1AA", "UK-GDPR"),
    ("Rua das Flores 4\n01310-100", "BR-LGPD"),
    ("12 Maple Street\nAustin, TX 78701", "US-TX"),
    ("Bend, OR", "US-OR"),
    ("We live in Corpus Christi, TX and she is eleven.", "US-TX"),
    ("I live in Sacramento. Don't sell my data.", "US-CA"),
    ("I am from Provo and want a copy.", "US-UT"),
    ("Hello, I'm in Roanoke VA these days.", "US-VA"),
    ("Wilmington, DE 19801", "US-DE"),
    ("Hälsningar\nElin Berg\nUmeå", "EU-GDPR"),
    ("Un saludo,\nEncarna Gil\nJaén", "EU-GDPR"),
    (
        "Neu ist die Lindenstraße 14, 34497 Korbach, und das seit dem ersten Mai.",
        "EU-GDPR",
    ),
    (
        "A morada certa é esta, por favor: Rua do Moinho 12, 2.º Esq., Portimão.",
        "EU-GDPR",
    ),
    ("Viele Grüße aus Korbach\nKatharina Weiß", "EU-GDPR"),
    ("Kind regards\nTom Ashe\nPontefract", "UK-GDPR"),
]
NOWHERE = [
    "Regards\nChester",  # a town, and the writer's name
    "Please see the list:\nReading, writing",
    "Thanks\nSam Reading",
    "Best\nDie",
    "Order 12, Delivery",
]


def read(words, **headers):
    return letter.open_(mail(words, **headers))


def meant(words, **headers):
    found = read(words, **headers)
    return laws.meant(found, f"{found.subject} . {found.text}")


@pytest.mark.parametrize(("words", "regime"), NAMED)
def test_a_law_is_known_by_its_name_in_any_language(words, regime):
    assert meant(words) == laws.Meant(regime, laws.NAMED)


@pytest.mark.parametrize(("words", "regime"), LIVED)
def test_without_a_name_the_postal_address_tells(words, regime):
    assert meant(f"Please delete my data.\n\n{words}") == laws.Meant(
        regime, laws.ADDRESS
    )


def test_articles_of_the_gdpr_tell_when_nothing_else_does():
    assert meant("I object, Article 21(1).") == laws.Meant("EU-GDPR", laws.ARTICLE)


@pytest.mark.parametrize(
    "words",
    [
        "The avg. delay is 15 minutes.",
        "DELETE IT, OR ELSE",
        "Berlin, DE or not, I can't say.",
        "My order 12345 Has not come.",
        "I love Virginia Woolf.",
        "See section 4 of your terms.",
    ],
)
def test_what_only_looks_like_a_law_or_an_address_is_none(words):
    assert meant(words) is None


def test_a_law_that_was_not_in_force_is_not_meant():
    before = "Mon, 02 Jun 2025 10:00:00 +0000"

    assert meant("I live in Minnesota.", Date=before) is None
    assert meant("I live in Minnesota.").regime == "US-MN"


def test_a_guess_says_so_and_by_what():
    found = understanding.understand(read("Please delete my data.\nBend, OR"))

    assert (found.jurisdiction, found.law_by) == ("US-OR", "address")
    assert "postal address" in found.described()["jurisdiction_reason"]


def test_a_telephone_number_is_no_more_than_a_hint_for_who_reads_the_mail():
    found = understanding.understand(
        read("Please delete my data. My number is 806-555-0109.")
    )

    assert found.jurisdiction == "unspecified"
    assert found.likely_law.regime == "US-TX"
    assert "telephone number US-TX" in found.described()["jurisdiction_reason"]


def test_a_language_is_no_more_than_a_hint():
    found = understanding.understand(read("Bitte löschen Sie alle meine Daten."))

    assert found.jurisdiction == "unspecified"
    assert "by the language EU-GDPR" in found.described()["jurisdiction_reason"]


@pytest.mark.parametrize("words", NOWHERE)
def test_a_word_that_is_also_a_town_is_no_address(words):
    assert meant(words) is None
