"""Two readers of a mail: what only one of them sees is proposed, never lost."""

import hashlib
from pathlib import Path

import pytest

from dsr import mailbox
from dsr.mailbox import learned, letter, understanding
from dsr.models import Mail
from tests.dsr.mails import COLLECTION, mail

ROOT = Path(__file__).resolve().parents[2]


def understood(words, **headers):
    return understanding.understand(letter.open_(mail(words, **headers)))


@pytest.fixture
def take(now):
    def ingest(words, **headers):
        raw = mail(words, **headers)
        return mailbox.ingest(raw, by="mailbox", now=now)

    return ingest


def test_the_weights_were_learnt_from_the_sentences_that_lie_beside_the_tool():
    files = [
        *sorted((ROOT / "tools" / "mails").glob("*.tsv")),
        *sorted((COLLECTION / "invented").glob("*.yaml")),
        *sorted((COLLECTION / "blind").glob("*-*.eml")),
        COLLECTION / "blind" / "labels.jsonl",
    ]
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()

    assert learned.weights().examples == digest


SEVERAL = [
    (
        "My surname changed in March, please put it right everywhere, GDPR. "
        "And while you are at it, I'd like to see all that you hold on me.",
        {"rectification", "access"},
    ),
    (
        "The address in my record is wrong, correct it. Until that is done, lock "
        "the record and don't let anybody use it.",
        {"rectification", "restriction"},
    ),
    (
        "Ich lege Einspruch gegen Ihre Ablehnung ein. Löschen Sie meine Daten.",
        {"appeal", "erasure"},
    ),
    (
        "Mandadme primero una copia de todo lo mío y luego borradlo entero.",
        {"access", "erasure"},
    ),
    (
        "Je retire mon consentement donné au salon et je vous demande de tout "
        "effacer. RGPD.",
        {"consent_withdrawal", "erasure"},
    ),
    (
        "That is not good enough. I'm appealing this, under the TDPSA. Correct my "
        "name: it is Brandt with a T, not Brand.",
        {"appeal", "rectification"},
    ),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("words", "rights"), SEVERAL)
def test_of_several_rights_none_is_lost(take, words, rights):
    taken = take(words)
    opened = set(taken.mail.tickets.values_list("right", flat=True))

    assert set(taken.understood.types) == rights
    assert taken.mail.verdict == Mail.Verdict.QUEUE or opened == rights


def test_the_reason_names_words_that_weighed_and_nobodys_name():
    found = understood(
        "Hi, Zebulon Quackenbush here. Please correct my address, CCPA. "
        "Afterwards bin the lot for Zebulon Quackenbush."
    )

    assert not found.is_sure
    assert "erasure" in found.reason
    assert "zebulon" not in found.reason.lower()
    assert "quackenbush" not in found.reason.lower()


@pytest.mark.parametrize(
    "words",
    [
        "Please don't delete anything, only correct the spelling of my surname.",
        "Bitte nichts löschen, nur meinen Nachnamen richtigstellen.",
        "Ne supprimez rien, corrigez seulement mon nom de famille.",
        "No borren nada, solo corrijan mi apellido.",
    ],
)
def test_what_is_not_wanted_is_not_asked(words):
    assert understood(words).types == ["rectification"]


@pytest.mark.parametrize(
    ("words", "category"),
    [
        (
            "Je vous prie de conserver intacts tous les messages du compte, de ne "
            "rien effacer et de suspendre vos purges : le tribunal sera saisi.",
            "legal_process",
        ),
        (
            "El Juzgado de Primera Instancia acuerda librar oficio para que se "
            "remitan los datos de titularidad del número en cinco días.",
            "legal_process",
        ),
        (
            "Ich habe eine Sicherheitslücke gefunden: über Ihre Schnittstelle lassen "
            "sich fremde Konten löschen.",
            "incident",
        ),
    ],
)
def test_what_is_for_legal_reaches_them_in_any_language(words, category):
    found = understood(words)

    assert (found.category, found.is_for_legal, found.is_dsr) == (category, True, False)


@pytest.mark.parametrize(
    "words",
    [
        "Mit unserer Software erledigen Sie Löschanfragen in Minuten. Hätten Sie "
        "nächste Woche 15 Minuten für eine Vorführung?",
        "Notre outil automatise les demandes d'accès. Puis-je vous le présenter "
        "lors d'un bref appel ?",
    ],
)
def test_an_offer_is_no_request(words):
    found = understood(words)

    assert (found.category, found.is_dsr) == ("vendor_pitch", False)


def test_who_reminds_and_asks_anew_asks_for_the_right():
    found = understood(
        "This is my third letter, the first two were never answered. I repeat: "
        "erase all my data. I also make a formal complaint about how you handled it."
    )

    assert {"erasure", "complaint"} <= set(found.types)
    assert "follow_up" not in found.types
    assert not found.is_sure


def test_numbers_of_a_list_and_fields_of_a_form_ask_nothing():
    read = learned.read("1. Name: Kim Reyes. 2. Address: 4 Mill Lane")

    assert all(it.chance < 0.5 for it in read.values())


def test_a_mail_without_a_word_has_nothing_to_weigh():
    assert learned.read(" . 12 . ") == {}


@pytest.mark.django_db
@pytest.mark.parametrize(
    "words",
    [
        "DSGVO. Eine Kopie meiner Daten bitte. Dass Sie mir vorsorglich alles "
        "löschen, wünsche ich ausdrücklich nicht.",
        "Art. 15 DSGVO: Kopie meiner Daten. Eine Löschung wünsche ich nicht.",
        "DSGVO. Bitte sehen Sie von einer Löschung meiner Daten ab. Eine Kopie bitte.",
        "DSGVO. Schicken Sie mir eine Kopie meiner Daten, ohne etwas zu löschen.",
        "GDPR. I do not under any circumstances want you to delete my data.",
        "GDPR. Send me a copy. To have my data deleted is the last thing I want.",
        "GDPR. Please refrain from erasing my data. Send me a copy of my data.",
        "RGPD. Que vous supprimiez mes données, je ne le souhaite pas. "
        "Envoyez-moi une copie de mes données.",
        "RGPD. Que borren mis datos no lo quiero. Envíenme una copia de mis datos.",
        "RGPD. Dejen mis datos sin borrar y envíenme una copia de mis datos.",
        "GDPR. Che cancelliate i miei dati non lo voglio. Mandatemi una copia.",
        "AVG. Dat u al mijn gegevens wist, wil ik niet. Stuur mij een kopie.",
        "RGPD. Que apaguem os meus dados, não o quero. Enviem-me uma cópia.",
        "RODO. Żebyście usunęli moje dane, tego nie chcę. Proszę o kopię.",
        "GDPR. Att ni raderar mina uppgifter vill jag inte. Skicka en kopia.",
    ],
)
def test_an_erasure_that_is_not_wanted_is_never_opened_by_itself(take, words):
    rights = set(take(words).mail.tickets.values_list("right", flat=True))

    assert "erasure" not in rights


@pytest.mark.django_db
@pytest.mark.parametrize(
    "words",
    [
        "GDPR. Please delete my data. I do not live there any more.",
        "DSGVO. Löschen Sie alle meine Daten. Kunde bin ich nicht mehr.",
    ],
)
def test_a_not_in_another_sentence_does_not_hold_an_erasure_up(take, words):
    rights = set(take(words).mail.tickets.values_list("right", flat=True))

    assert rights == {"erasure"}


@pytest.mark.parametrize(
    "words",
    [
        "DSGVO. Ich möchte wissen, woher Sie meine Nummer und alle Daten haben.",
        "Ich will wissen, was Sie über mich gespeichert haben.",
    ],
)
def test_german_to_know_is_not_dutch_to_erase(words):
    assert understood(words).types == ["access"]


def test_dutch_to_erase_is_still_asked():
    assert understood("AVG. Ik verzoek u al mijn gegevens te wissen.").types == [
        "erasure"
    ]
