"""Letters: whole in each language, with what the law wants said, sent at most once."""

import re

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import translation
from django.utils.formats import date_format

from dsr import (
    appeals,
    clocks,
    languages,
    links,
    notices,
    receipts,
    requests,
    restrictions,
    translations,
    withdrawals,
)
from dsr.desk import letters
from dsr.models import Ground, Letter, Notice, Ticket, Translation
from dsr.notices import wording
from privacy import holds, identifiers
from privacy.models import AuditEvent
from tests.dsr.factories import (
    ADAS_MAIL,
    LENA,
    MAX,
    NOW,
    answered,
    asked,
    clock,
    vouched,
)

pytestmark = pytest.mark.django_db
ADAS = [identifiers.email(ADAS_MAIL)]
OTHERS = [code for code in languages.LANGUAGES if code != "en"]
ENGLISH = re.compile(
    r"\b(the|you|your|and|we|our|of|it|is|this|that|not|with|what|why|request|"
    r"records?|data|asked|Hello|privacy team)\b"
)
# As staff would write it, in each language.
TYPED = {"en": "Because.", "es": "Porque sí.", "fr": "Parce que.", "de": "Darum."}


def asks(right, language, regime="EU-GDPR"):
    ticket = vouched(asked(right, regime=regime, marks=ADAS, email=ADAS_MAIL))
    ticket.request.language = language
    ticket.request.save()
    return ticket


def planned(right, language, regime="EU-GDPR"):
    ticket = asks(right, language, regime)
    requests.plan(ticket=ticket, by=LENA, now=NOW)
    requests.approve(ticket=ticket, by=MAX, now=NOW)
    requests.fulfil(ticket=ticket, clock=clock)


def decided(right, language, outcome="part", ground="UNFOUNDED", regime="EU-GDPR"):
    ticket = asks(right, language, regime)
    if right == "appeal" and (first := appeals.possible(ticket).first()):
        appeals.name(appeal=ticket, reference=str(first), by=LENA, now=NOW)
    requests.decide(
        ticket=ticket,
        outcome=outcome,
        ground=ground,
        reason=TYPED[language],
        by="nora" if ticket.about else LENA,
        now=NOW,
    )
    return requests.fulfil(ticket=ticket, clock=clock)


def corrected(language):
    from privacy.correction import Change

    ticket = asks("rectification", language)
    change = Change(field="town.person.name", after="Ada Sampel")
    requests.plan(ticket=ticket, by=LENA, now=NOW, changes=[change])
    requests.approve(ticket=ticket, by=MAX, now=NOW)
    requests.fulfil(ticket=ticket, clock=clock)


def refused(right, language, regime="EU-GDPR", ground="ID_FAIL"):
    requests.refuse(
        ticket=asks(right, language, regime),
        reason=TYPED[language],
        ground=ground,
        by=LENA,
        now=NOW,
    )


def lifted(language):
    ticket = decided("restriction", language, outcome="whole", ground="")
    restrictions.announce(ticket=ticket, reason=TYPED[language], by=LENA, now=NOW)


def withdrawn(language):
    ticket = asks("access", language)
    said = {"shown_by": "call", "heard": "Lena", "reason": TYPED[language]}
    withdrawals.note(ticket=ticket, said_on=NOW.date(), by=LENA, now=NOW, **said)
    withdrawals.confirm(ticket=ticket, by=MAX, now=NOW)


def held(language):
    row = identifiers.keep(ADAS[0], now=NOW)
    hold = holds.place(matter="Case", identifiers=[row], tables=[], by=MAX, now=NOW)
    planned("erasure", language)
    holds.release(hold=hold, by=MAX, now=NOW)


ADDRESS = re.compile(r"https?://\S+")  # is the same in every language
LETTERS = {
    "access": lambda language: planned("access", language),
    "portability": lambda language: planned("portability", language),
    "correction": corrected,
    "restriction": lambda language: decided("restriction", language),
    "objection": lambda language: decided("objection", language),
    "opt-out": lambda language: requests.fulfil(
        ticket=asks("opt_out_sale", language, "US-VA"), clock=clock
    ),
    "automated decision": lambda language: decided("automated_decision", language),
    "appeal": lambda language: decided("appeal", language, regime="US-VA"),
    "complaint": lambda language: decided(
        "complaint", language, outcome="whole", ground="", regime="UK-GDPR"
    ),
    "refusal": lambda language: refused("access", language),
    "refusal in California": lambda language: refused("access", language, "US-CA"),
    "refusal in Virginia": lambda language: refused("erasure", language, "US-VA"),
    "extension": lambda language: clocks.extend(
        ticket=asks("access", language), reason=TYPED[language], by=LENA, now=NOW
    ),
    "lifting": lifted,
    "withdrawal": withdrawn,
    "erasure of what is held": held,
    "erasure": lambda language: planned("erasure", language),
}


@pytest.mark.parametrize("language", OTHERS)
def test_no_letter_mixes_languages(town, language):
    for row in translations.missing()[language]:  # titles of this test's own tables
        Translation.objects.create(language=language, original=row, text="—")

    for name, write in LETTERS.items():
        write(language)
        notice = Notice.objects.latest("pk")
        text = f"{notice.subject}\n{notice.text.open()}"
        words = ADDRESS.sub("", text)
        assert not ENGLISH.findall(words), (name, text)
        assert languages.say(language, "notice.hello") in text
        assert "{" not in text


@pytest.mark.parametrize("language", OTHERS)
def test_no_citation_is_left_in_english(language):
    said = {
        each: translations.of(language, each.citation) for each in Ground.objects.all()
    }

    assert {g.code: text for g, text in said.items() if ENGLISH.search(text)} == {}


# --- what the law wants said ---------------------------------------------------------
@pytest.mark.parametrize(
    ("regime", "says"),
    [
        ("EU-GDPR", ["data protection authority", "go to court"]),
        ("UK-GDPR", ["Information Commissioner", "go to court"]),
        ("US-VA", ["you can appeal", "within 60 days"]),
        ("US-OR", ["you can appeal", "within 45 days"]),
        ("US-CA", ["California Privacy Protection Agency"]),
        ("CA-PIPEDA", ["Privacy Commissioner of Canada"]),
        ("CA-QC", ["cai.gouv.qc.ca"]),
        ("BR-LGPD", ["national data protection authority"]),
    ],
)
def test_a_refusal_names_the_ground_and_what_can_be_done_against_it(regime, says):
    refused("access", "en", regime)

    text = Notice.objects.get(kind="refusal").text.open()
    assert "Why: We could not verify who asks (GDPR Art. 12(6)" in text
    assert TYPED["en"] in text
    assert all(words in text for words in says), text


@pytest.mark.parametrize(
    ("regime", "ground"),
    [
        ("EU-GDPR", "GDPR Art. 17(3)(e)"),
        ("US-CA", "Cal. Civ. Code 1798.145(a)(1)(E)"),
        ("US-VA", "The duty to preserve evidence"),
    ],
)
def test_what_a_hold_keeps_as_a_whole_is_told_as_a_denial(town, regime, ground):
    row = identifiers.keep(ADAS[0], now=NOW)
    holds.place(matter="Case", identifiers=[row], tables=[], by=MAX, now=NOW)
    planned("erasure", "en", regime)

    notice = Notice.objects.get()
    text = notice.text.open()
    assert notice.kind == Notice.Kind.REFUSAL
    assert "We are not doing this." in text
    assert ground in text
    assert "We have done so" not in text
    assert "searched" not in text


@pytest.mark.parametrize("right", ["complaint", "appeal", "automated_decision"])
def test_who_is_not_agreed_with_is_told_so(right):
    regime = "UK-GDPR" if right == "complaint" else "US-VA"
    refused(right, "en", regime, ground="OTHER")

    text = Notice.objects.get(kind="refusal").text.open()
    assert "We do not agree with you." in text
    assert "We are not doing this." not in text


@pytest.mark.parametrize(
    ("regime", "right", "cites"),
    [
        ("US-VA", "appeal", "The state's act on appeals"),
        ("UK-GDPR", "complaint", "DPA 2018 s. 164A"),
        ("EU-GDPR", "automated_decision", "GDPR Art. 22(3)"),
        ("EU-GDPR", "complaint", "Our own rule"),
    ],
)
def test_a_decision_that_stands_cites_the_law_of_its_reader_alone(regime, right, cites):
    refused(right, "en", regime, ground="DECISION_STANDS")

    text = Notice.objects.get(kind="refusal").text.open()
    assert f"the decision stands ({cites})." in text


def test_what_is_done_in_part_is_not_said_to_be_done():
    decided("objection", "en", outcome="part", ground="COMPELLING")

    text = Notice.objects.get().text.open()
    assert "We have done so in part" in text
    assert "no longer use your data" not in text


@pytest.mark.parametrize(
    ("right", "says"),
    [
        ("opt_out_sale", "We do not sell your data"),
        ("opt_out_targeted_ads", "targeted advertising"),
        ("opt_out_profiling", "no automatic predictions"),
    ],
)
def test_an_opt_out_says_what_we_do_no_more(right, says):
    requests.fulfil(ticket=asks(right, "en", "US-VA"), clock=clock)

    assert says in Notice.objects.get().text.open().partition("”")[2]


def test_a_ground_that_only_refers_to_the_reason_is_not_named():
    ticket = asks("restriction", "en")
    reason = "Your data is right: we checked it."
    requests.refuse(ticket=ticket, reason=reason, ground="OTHER", by=LENA, now=NOW)

    text = Notice.objects.get().text.open()
    assert reason in text
    assert "Another reason" not in text
    assert "Why:" not in text


@pytest.mark.parametrize("language", languages.LANGUAGES)
def test_the_receipt_says_what_comes_next_by_when_and_how_to_reach_us(
    language, settings
):
    ticket = asks("access", language)
    token = links.make(ticket=ticket, language=language, now=NOW)

    made = notices.receipt(ticket=ticket, token=token, language=language, now=NOW)

    text = Notice.objects.get(pk=made.pk).text.open()
    with translation.override(language):
        due = date_format(ticket.due_date, "DATE_FORMAT")
    words = (str(ticket), due, token, settings.DEFAULT_FROM_EMAIL)
    assert all(each in text for each in words), text


def test_an_appeal_that_is_denied_leads_to_the_attorney_general():
    refused("appeal", "en", "US-VA")

    assert "attorney general" in Notice.objects.get(kind="refusal").text.open()


def test_an_appeal_can_be_made_on_the_page_of_the_request():
    ticket = asks("erasure", "en", "US-VA")
    links.make(ticket=ticket, language="en", now=NOW)
    requests.refuse(ticket=ticket, reason="No.", ground="ID_FAIL", by=LENA, now=NOW)

    assert links.address_of(ticket) in Notice.objects.get().text.open()


def test_an_extension_gives_the_new_day_the_reason_and_the_authority():
    ticket = LETTERS["extension"]("de")

    text = Notice.objects.get(kind="extension").text.open()
    assert ticket.due_date.strftime("%-d. ") in text
    assert "Warum: Darum." in text
    assert "Aufsichtsbehörde" in text


def test_who_is_told_that_their_copy_is_ready_is_told_where(town):
    ticket = answered("access", email=ADAS_MAIL)

    text = Notice.objects.get(kind="answer").text.open()
    assert links.address_of(ticket)
    assert links.address_of(ticket) in text


def test_the_receipt_of_a_mail_is_in_the_language_of_the_mail(mailoutbox):
    ticket = asked("erasure", marks=ADAS, email=ADAS_MAIL, source=Ticket.Source.MAIL)
    ticket.request.language = "fr"
    ticket.request.save()

    receipts.write_waiting(now=NOW)

    assert mail.outbox[0].body.startswith("Bonjour")


# --- words of rows ------------------------------------------------------------------
def test_what_has_no_translation_stays_as_it_is_and_is_listed(town, admin_client):
    assert translations.of("de", "Payments") == "Zahlungen"
    assert translations.of("de", "Calls: A legal hold is open").startswith("Anrufe: ")
    assert translations.of("de", "Tax records") == "Tax records"

    page = admin_client.get(reverse("admin:dsr_translation_missing")).content.decode()

    assert "Receipt" in page
    assert translations.load() == 0


def test_a_letter_counts_a_table_once_whatever_was_done_to_its_rows():
    told = [
        {"table": "shop.calls", "action": "delete", "rows": 8},
        {"table": "shop.cards", "action": "delete", "rows": 1},
        {"table": "shop.calls", "action": "redact", "rows": 2},
    ]

    found = {each["table"]: each["rows"] for each in wording.summed(told)}

    assert found == {"shop.calls": 10, "shop.cards": 1}


def test_a_translation_is_a_setting_that_is_audited(admin_client):
    form = {"language": "de", "original": "Tax records", "text": "Steuerunterlagen"}
    admin_client.post(reverse("admin:dsr_translation_add"), form)

    assert translations.of("de", "Tax records") == "Steuerunterlagen"
    assert AuditEvent.objects.filter(action="translation.added").exists()


def test_a_letter_of_staff_names_law_and_ground_in_words():
    ticket = asks("access", "de")
    requests.refuse(ticket=ticket, reason="Nein.", ground="ID_FAIL", by=LENA, now=NOW)
    letter = Letter(language="de", text="{law}: {ground}")
    stored = Ticket.objects.get(pk=ticket.pk)

    text = letters.filled(letter=letter, ticket=stored, now=NOW)

    assert text == (
        "Datenschutz-Grundverordnung (EU): Wir konnten nicht feststellen, wer fragt"
    )
