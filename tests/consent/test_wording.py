"""Answers of programs say what they must, in the language that they are in."""

import datetime as dt

import pytest

from consent import programs, wording
from consent.models import Program, Wording
from tests.consent.factories import OUR_NUMBER, ProgramFactory

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 11, 24)
TEXTS = {
    "en": (
        "Acme: about 4 msgs/month. Msg & data rates may apply. HELP for help, STOP "
        "to end.",
        "Acme alerts. Help: help@example.com. Reply STOP to stop.",
        "Acme: you have opted out.",
    ),
    "es": (
        "Acme: hasta 4 mensajes al mes. Pueden aplicarse tarifas de mensajes y datos. "
        "AYUDA para ayuda, ALTO para parar.",
        "Avisos de Acme. Ayuda: ayuda@example.com. Responda ALTO para parar.",
        "Acme: su baja está hecha y no recibirá más mensajes.",
    ),
    "fr": (
        "Acme : jusqu'à 4 messages par mois. Des frais de messagerie et de données "
        "peuvent s'appliquer. AIDE pour de l'aide, ARRÊT pour arrêter.",
        "Alertes d'Acme. Aide : https://example.com/aide. Répondez ARRÊT.",
        "Acme : vous ne recevrez plus de messages.",
    ),
    "de": (
        "Acme: bis zu 4 Nachrichten im Monat. Es können Kosten für Nachrichten und "
        "Daten anfallen. HILFE für Hilfe, STOPP zum Beenden.",
        "Hinweise von Acme. Hilfe: +1 202-555-0100. Antworten Sie STOPP.",
        "Acme: Sie sind abgemeldet und bekommen keine Nachrichten mehr.",
    ),
}


def program(language="en", **changed):
    opt_in, help_, opt_out = TEXTS[language]
    texts = {"opt_in_text": opt_in, "help_text": help_, "opt_out_text": opt_out}
    return ProgramFactory.build(**texts | changed)


@pytest.mark.parametrize("language", TEXTS)
def test_a_program_in_its_language_is_fine(now, language):
    assert wording.problems(program(language), now=now) == {}


@pytest.mark.parametrize(
    ("language", "gone", "sentence"),
    [
        ("en", "Msg & data rates may apply. ", "message and data rates"),
        ("en", "about 4 msgs/month", "how often"),
        ("en", "HELP for help, ", "HELP"),
        ("es", "Pueden aplicarse tarifas de mensajes y datos. ", "data rates"),
        ("es", "al mes", "how often"),
        ("es", "ALTO para parar", "STOP"),
        ("fr", "de données", "data rates"),
        ("fr", "ARRÊT pour arrêter", "STOP"),
        ("de", "HILFE für Hilfe, ", "HELP"),
        ("de", "im Monat", "how often"),
    ],
)
def test_an_opt_in_that_lacks_one_thing_is_told_that_thing(
    now, language, gone, sentence
):
    text = TEXTS[language][0]
    assert gone in text

    wrong = wording.problems(
        program(language, opt_in_text=text.replace(gone, "")), now=now
    )

    ((field, (said,)),) = wrong.items()
    assert field == "opt_in_text"
    assert sentence in said


def test_half_a_text_in_each_of_two_languages_is_no_text(now):
    half = "Msg & data rates may apply. 4 msgs/month. AYUDA, ALTO."

    assert wording.problems(program(opt_in_text=half), now=now)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("Acme alerts. Help: help@example.com.", "how to stop"),
        ("Acme alerts. Reply STOP to stop.", "where to get help"),
        ("Avisos de Acme. Ayuda en 2026. Responda ALTO.", "where to get help"),
    ],
)
def test_an_answer_to_help_says_where_help_is_and_how_to_stop(now, text, sentence):
    wrong = wording.problems(program(help_text=text), now=now)

    assert sentence in wrong["help_text"][0]


@pytest.mark.parametrize(
    "text",
    [
        "Bye! 10 % off if you stay",
        "Bye https://shop.example.com",
        "Bye. A coupon waits for you",
        "Adiós. Tenemos una oferta para usted",
        "Au revoir. Une réduction vous attend",
        "Tschüss. Ein Gutschein wartet auf Sie",
    ],
)
def test_a_confirmation_advertises_in_no_language(now, text):
    found = wording.problems(program(opt_out_text=text, clarify_text=text), now=now)

    assert found == {
        "opt_out_text": [wording.ADVERTISES],
        "clarify_text": [wording.ADVERTISES],
    }


def test_what_we_say_for_numbers_without_a_program_is_complete(now):
    texts = programs.texts(None)
    said = {f"{name}_text": text for name, text in texts.items()}

    assert wording.problems(program(**said), now=now) == {}


def test_a_rule_counts_from_its_first_day_to_its_last(now):
    Wording.objects.filter(name="rates_en").update(valid_to=dt.date(2026, 11, 23))

    assert not wording.missing("4 msgs/month. HELP. STOP.", "opt_in", DAY)
    assert wording.missing("4 msgs/month. HELP. STOP.", "opt_in", dt.date(2026, 11, 23))


# --- on the screens ---------------------------------------------------------------
def saved(client, **changed):
    texts = {
        name: getattr(program(), name)
        for name in ("opt_in_text", "help_text", "opt_out_text")
    }
    typed = {"name": "Acme", "organization": "org_acme", "purpose": "marketing"}
    path = "/admin/consent/program/add/"
    return client.post(path, typed | {"numbers": OUR_NUMBER} | texts | changed)


def test_a_program_that_does_not_say_what_it_must_is_not_saved(superuser):
    refused = saved(
        superuser,
        opt_out_text="Coupon SAVE5",
        help_text="Ask us",
        clarify_text="Buy {programs}",
    ).content.decode()

    assert refused.count("may only confirm: no offers") == 2
    assert "It must say where to get help" in refused
    assert not Program.objects.exists()
    assert saved(superuser).status_code == 302
    assert Program.objects.count() == 1


def test_a_wording_is_a_rule_that_staff_add(superuser):
    typed = {
        "name": "stop_it",
        "where": "opt_in",
        "language": "it",
        "thing": "how to stop (STOP)",
        "patterns": "ferma|stop",
        "jurisdiction": "house",
        "citation": "ours",
        "mark": "house",
        "valid_from": "2026-01-01",
    }
    path = "/admin/consent/wording/add/"

    refused = superuser.post(path, typed | {"patterns": "(ferma"})
    superuser.post(path, typed)

    assert "A pattern is words" in refused.content.decode()
    assert Wording.objects.get(name="stop_it").patterns == ["ferma|stop"]
    assert "Italian" in superuser.get("/admin/consent/wording/").content.decode()
    row = Wording.objects.get(name="stop_it")
    assert superuser.post(f"/admin/consent/wording/{row.pk}/delete/").status_code == 403
