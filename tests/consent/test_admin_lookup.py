"""Support's look-up page: any form of the number, one answer, its reason."""

import datetime as dt
import html

import pytest
from dateutil.relativedelta import relativedelta
from django.utils import timezone

from consent import check, ledger, listings, lookup, programs
from consent.models import Event, Listing, Program, Utterance
from consent.suppressions import entries
from privacy import identifiers
from privacy.datamap import files
from privacy.models import AuditEvent
from tests.consent.factories import ACME, ADA, OUR_NUMBER, ProgramFactory, later, told
from tests.privacy import messaging
from tests.privacy.conftest import connect, town

__all__ = ["connect", "town"]  # of the floor below
pytestmark = pytest.mark.django_db
HERE = "/admin/consent/standing/"
PATH = f"{HERE}lookup/"
BEA = "+12025550118"
RECORD = f"{HERE}record/"


@pytest.fixture
def now():
    """Pages ask the real clock; what they are asked about was before it."""
    return dt.datetime(2026, 3, 2, 9, 14, tzinfo=dt.UTC)


def text_of(answer):
    return html.unescape(answer.content.decode())


def stopped(at, **changed):
    evidence = {"keyword": "stop", "message": "SM8812", "our_number": OUR_NUMBER}
    return told(
        "opt_out", at, route="twilio", organization=ACME, evidence=evidence, **changed
    )


def test_the_page_opens_with_the_cursor_in_its_one_field(support):
    answer = support.get(PATH)

    assert answer.status_code == 200
    assert "autofocus" in text_of(answer)


@pytest.mark.parametrize(
    "typed", ["+12025550117", "(202) 555-0117", "202.555.0117", " 1 202 555 0117 "]
)
def test_any_form_of_the_number_gets_the_answer_in_one_line(now, support, typed):
    stopped(now)

    page = text_of(support.post(PATH, {"address": typed}))

    assert (
        "No — do not text. Opted out by replying “STOP” to +1 202 555 0100 on "
        "2 March 2026, 09:14 UTC; message SM8812; every program of org_acme."
    ) in page
    assert "No — do not call." in page
    assert "+1 ••• ••• ••17" in page


def test_each_look_up_is_recorded_without_the_number(now, support):
    event = stopped(now)

    support.post(PATH, {"address": ADA})

    row = AuditEvent.objects.get(action="consent.looked_up")
    assert (row.by, row.subject) == ("sam", f"identifier:{event.identifier_id}")
    assert "0117" not in row.payload


def test_the_history_shows_what_the_person_said_since_then(now, support):
    stopped(now)
    told("opt_in", now + dt.timedelta(days=1), organization=ACME)

    page = text_of(support.post(PATH, {"address": ADA}))

    assert "Yes — you may text for every program of " in page
    assert "and for nobody else. Opted in by telling support" in page
    assert page.index("3 March 2026") < page.rindex("2 March 2026")


def test_what_stands_against_it_beside_the_ledger_is_the_answer(now, support):
    """Consented once; since then on our own list. The check says no, and so do we."""
    told("opt_in", now)
    listings.request(
        mark=identifiers.phone(ADA), source="letter", by="sam",
        asked_at=now + dt.timedelta(days=1), now=now + dt.timedelta(days=1),
    )  # fmt: skip

    page = text_of(support.post(PATH, {"address": ADA}))

    assert "No — do not text until 4 March 2031" in page
    assert "do-not-call list (Our own do-not-call list)" in page
    assert "Our own do-not-call list: from 3 March 2026, 09:14 UTC until 4 M" in page
    assert "We knew on 3 March 2026, 09:14 UTC: letter." in page
    before = lookup.look_up(
        text=ADA, by="sam", now=dt.datetime.now(dt.UTC), at=now + dt.timedelta(hours=1)
    )
    assert before.answer.allowed
    assert not before.lists


def test_support_takes_back_its_own_slip_and_nobody_elses(now, support):
    """The wrong number: what held before holds again, and the slip stays on record."""
    told("opt_in", now, organization=ACME)
    support.post(RECORD, {"address": ADA, "reason": "She asked us to stop"})
    slip = Event.objects.get(kind="opt_out")
    carriers = stopped(now, number="+12025550118")
    theirs = told("opt_out", now, number="+12025550119", by="tom")
    page = f"/admin/consent/event/{slip.pk}/"

    assert "It was recorded wrongly" in text_of(support.get(f"{page}change/"))
    assert "Text message, Picture or RCS message, Call" in text_of(
        support.get(f"{page}change/")
    )
    answer = support.post(f"{page}take_back/", {"reason": "The wrong number"})

    assert answer.status_code == 302
    assert "Yes — you may text for" in text_of(support.post(PATH, {"address": ADA}))
    assert Event.objects.get(kind="correction").recorded_by == "sam"
    for other in (carriers, theirs):
        refused = support.post(
            f"/admin/consent/event/{other.pk}/take_back/", {"reason": "It was wrong"}
        )
        assert "Only the person who recorded it" in text_of(refused)
    assert Event.objects.filter(kind="correction").count() == 1


def test_who_the_platform_knows_by_its_own_id_is_found_by_it(now, support):
    """Suppressed under a lead's id, without a number."""
    told_of = "9755d4c1-lead"
    (mark,) = entries.recipient(phone="", email="", identifier=told_of)
    ledger.record(
        mark=mark, kind="opt_out", channel="sms", organization=ACME, source="direct",
        route="platform", occurred_at=now, by="platform", now=now,
    )  # fmt: skip

    page = text_of(support.post(PATH, {"address": f" {told_of} "}))
    support.post(RECORD, {"address": told_of, "reason": "He said stop"})

    assert "No — do not text. Opted out through the platform" in page
    assert Event.objects.latest("sequence").identifier.kind == "other"
    unknown = text_of(support.post(PATH, {"address": "another-lead"}))
    assert "neither a phone number nor" in unknown


LEAD = "00000000-0000-4000-8000-00000000000"


@pytest.mark.parametrize(
    "typed", [f"{LEAD}3", f" {LEAD}3 ", f"{LEAD}3".replace("-", "")]
)
def test_a_lead_is_found_by_the_key_of_its_row(now, support, town, typed):
    stopped(now)

    page = text_of(support.post(PATH, {"address": typed}))
    support.post(RECORD, {"address": typed, "reason": "He said stop"})

    assert "No — do not text. Opted out by replying “STOP”" in page
    assert "+1 ••• ••• ••17" in page
    assert Event.objects.latest("sequence").identifier.kind == "phone"


def test_what_is_said_of_a_lead_counts_for_the_number_that_gets_the_messages(
    now, support, town
):
    """The platform suppressed the id, too, which is nobody's number."""
    stopped(now)
    (mark,) = entries.recipient(phone="", email="", identifier=f"{LEAD}3")
    told_of = {"channel": "sms", "source": "providers", "route": "platform"}
    for kind in ("opt_out", "opt_in"):
        ledger.record(
            mark=mark, kind=kind, occurred_at=now, by="platform", now=now, **told_of
        )

    page = text_of(support.post(PATH, {"address": f"{LEAD}3"}))
    support.post(RECORD, {"address": f"{LEAD}3", "reason": "He said stop"})

    assert "No — do not text. Opted out by replying “STOP”" in page
    assert Event.objects.latest("sequence").identifier.kind == "phone"


def test_what_follows_a_look_up_by_a_lead_takes_its_id(now, superuser, town):
    stopped(now)
    whom = {"address": f"{LEAD}3"}

    pack = superuser.post(f"{HERE}prove/", whom | {"reason": "Letter of counsel"})
    link = superuser.post(f"{HERE}offer/", whom)
    superuser.post("/admin/consent/listing/request/", whom | {"source": "by phone"})

    assert pack.headers["Content-Type"] == "application/zip"
    assert "/privacy/preferences/" in link.text
    assert Listing.objects.get().identifier == identifiers.find(identifiers.phone(ADA))


def test_an_id_without_a_number_gets_no_link_and_is_on_no_list(now, superuser):
    (mark,) = entries.recipient(phone="", email="", identifier="9755d4c1-lead")
    identifiers.keep(mark, now=now)
    whom = {"address": "9755d4c1-lead"}

    for path in (f"{HERE}offer/", "/admin/consent/listing/request/"):
        assert "neither a phone" in superuser.post(path, whom | {"source": "x"}).text
    assert not Listing.objects.exists()


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        (
            f"{LEAD}4",
            "do not e-mail for marketing",
        ),  # the number is another person's now
        (f"{LEAD}9", "No lead or other person of a connected store has that id"),
        ("1", "neither a phone number nor an e-mail address"),
        ("555-0117", "neither a phone number nor an e-mail address"),
        ("x" * 200, "No lead or other person of a connected store has that id"),
    ],
)
def test_an_id_leads_to_whoever_has_it_now_and_to_nobody_else(
    support, town, typed, sentence
):
    assert sentence in text_of(support.post(PATH, {"address": typed}))


def test_of_two_numbers_under_one_id_none_is_guessed(now, support, town):
    town.execute("UPDATE person SET email = phone, phone = '+12025550188'")
    town.execute("ALTER TABLE person RENAME email TO second")
    text = messaging.MAP.replace(
        "      email: {category: profile_contact, identifier: email",
        "      second: {category: profile_contact, identifier: phone",
    )
    files.load(text=text, by="pia", now=now)

    page = text_of(support.post(PATH, {"address": f"{LEAD}3"}))

    assert "several numbers or addresses under that id" in page


def test_the_answer_is_the_first_thing_on_the_page(support):
    """On a telephone the form alone fills the screen."""
    page = text_of(support.post(PATH, {"address": ADA}))

    assert page.index('id="answer"') < page.index('name="address"')


def test_after_an_opt_out_is_recorded_the_page_answers_again(support):
    told("opt_in", dt.datetime(2026, 3, 1, tzinfo=dt.UTC))

    page = text_of(
        support.post(RECORD, {"address": ADA, "reason": "She called"}, follow=True)
    )

    assert "The opt-out is recorded and in force." in page
    assert "No — do not text. Opted out" in page
    assert ADA not in page
    assert AuditEvent.objects.filter(action="consent.looked_up").count() == 1


def test_an_opt_out_that_is_sent_twice_is_recorded_once(support):
    asked = support.post(PATH, {"address": ADA})
    once = asked.context["heard"]["once"].value()
    said = {"address": ADA, "reason": "She called", "once": once}

    for _ in range(2):
        answer = support.post(RECORD, said, follow=True)
        assert "The opt-out is recorded" in text_of(answer)

    assert Event.objects.filter(kind="opt_out").count() == 1
    assert text_of(asked).count('name="once"') == 1


def test_what_is_posted_without_the_last_slash_is_not_lost(support):
    answer = support.post(PATH[:-1], {"address": ADA}, follow=True)

    assert answer.redirect_chain == [(PATH, 308)]
    assert "No — do not text" in text_of(answer)


def test_a_call_for_help_is_part_of_the_history(now, support):
    told("help", now, organization=ACME)

    page = text_of(support.post(PATH, {"address": ADA}))

    assert "Asked for help by telling support on 2 March 2026, 09:14 UTC." in page


def test_an_unknown_number_and_an_email_address(support):
    unknown = text_of(support.post(PATH, {"address": ADA}))
    mail = text_of(support.post(PATH, {"address": "ada@example.com"}))

    assert "we have nothing on record for this number" in unknown
    assert "No — do not e-mail for marketing: no consent is on record." in mail


def test_the_stop_of_an_erased_person_still_shows(now, support):
    event = stopped(now)
    identifiers.forget(identifier=event.identifier, by="olivia", now=now)

    page = text_of(support.post(PATH, {"address": ADA}))

    assert "No — do not text." in page


def test_letters_get_one_clear_sentence(support):
    page = text_of(support.post(PATH, {"address": "<b>letters"}))

    assert "That is neither a phone number nor an e-mail address." in page
    assert "<b>letters" not in page.split('value="', 1)[0]
    assert not AuditEvent.objects.filter(action="consent.looked_up").exists()


def test_without_the_permission_the_page_stays_shut(stranger):
    assert stranger.get(PATH).status_code == 403
    assert stranger.post(RECORD, {"address": ADA}).status_code == 403


# --- an earlier time ------------------------------------------------------------
def test_the_page_answers_as_of_then_and_by_what_we_knew_then(now, support):
    told("opt_in", now, organization=ACME)
    said, learned = later(now, days=10), later(now, days=20)
    told("opt_out", said, now=learned, organization=ACME)

    def answer(**then):
        page = support.post(PATH, {"address": ADA} | then)
        return page.context["finding"].answer.reason, text_of(page)

    day = "2026-03-{}T09:14".format
    assert answer()[0] == "opted_out"
    assert answer(at=day(5))[0] == "opted_in"
    assert answer(at=day(15))[0] == "opted_out"
    reason, page = answer(at=day(15), known_at=day(16))
    assert reason == "opted_in"
    words = "As of 15 March 2026, 09:14 UTC, by what we knew 16 March 2026, 09:14 UTC:"
    assert words in page
    assert "Record an opt-out heard on the phone" not in page
    assert AuditEvent.objects.filter(action="consent.looked_up").count() == 4


@pytest.mark.parametrize("then", [{"at": "2999-01-01T00:00"}, {"at": "yesterday"}])
def test_a_time_that_is_none_is_refused_in_words(support, then):
    page = text_of(support.post(PATH, {"address": ADA} | then))

    assert "in the future" in page or "valid date/time" in page
    assert 'id="answer"' not in page


# --- recording what was heard -------------------------------------------------
def test_an_opt_out_heard_on_the_phone_is_in_force_at_once(support):
    answer = support.post(
        RECORD, {"address": "202 555 0117", "reason": "She asked me to stop"}
    )

    assert answer["Location"] == PATH
    event = Event.objects.get()
    assert (event.channel, event.route, event.recorded_by) == (
        "voice",
        "support",
        "sam",
    )
    assert Utterance.objects.get().words.open() == "She asked me to stop"
    page = text_of(support.post(PATH, {"address": ADA}))
    assert "No — do not text. Opted out by telling support" in page


@pytest.mark.parametrize(
    ("program", "alerts", "offers"),
    [
        ("Alerts", "opted_out", "opted_in"),
        ("+12025550199", "opted_in", "opted_out"),
        ("", "opted_out", "opted_out"),
    ],
)
def test_of_one_program_or_number_of_ours_alone(support, now, program, alerts, offers):
    ProgramFactory(name="Alerts")
    ProgramFactory(name="Offers", numbers=["+12025550199"])
    told("opt_in", now, organization=ACME)

    typed = {"address": ADA, "reason": "Not these", "organization": ACME}
    page = text_of(support.post(PATH, {"address": ADA}))
    assert "Only from +12025550199" in page
    assert support.post(RECORD, typed | {"program": program}).status_code == 302

    def reason(of):
        asked = {"channel": "sms", "program": of, "now": timezone.now()}
        return check.may_contact(identifiers.phone(ADA), **asked).reason

    assert (reason("Alerts"), reason("+12025550199")) == (alerts, offers)


def test_49_a_person_with_several_numbers_says_it_once(support):
    typed = {"address": ADA, "reason": "All of them", "once": "a"}
    others = f"{BEA}; ada@example.com, {ADA}"

    for _ in range(2):
        support.post(RECORD, typed | {"others": others})

    told_of = Event.objects.filter(kind="opt_out")
    assert {event.identifier.value.open() for event in told_of} == {
        ADA,
        BEA,
        "ada@example.com",
    }
    assert told_of.count() == 3
    assert all(event.utterance.words.open() == "All of them" for event in told_of)


def test_of_several_numbers_all_are_recorded_or_none(support):
    typed = {"address": ADA, "reason": "All of them", "others": "+1 202 555"}

    page = text_of(support.post(RECORD, typed))

    assert "neither a phone number nor an e-mail address" in page
    assert not Event.objects.exists()


def test_for_an_email_address_too(support):
    support.post(RECORD, {"address": "ada@example.com", "reason": "She called"})

    assert Event.objects.get().covers == ["email"]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"address": ADA, "reason": "no"}, "Say how the person told us"),
        ({"address": "letters", "reason": "She called"}, "neither a phone number"),
        ({}, "This field is required."),
    ],
)
def test_what_is_missing_is_said_and_nothing_is_recorded(support, typed, sentence):
    page = text_of(support.post(RECORD, typed))

    assert (sentence in page) is bool(typed)
    assert not Event.objects.exists()


def test_the_page_to_record_opens_by_itself(support):
    assert "takes effect as soon as" in text_of(support.get(RECORD))


# --- consent that ends soon -----------------------------------------------------------
def test_staff_see_whose_consent_ends_soon(support):
    """By the shortest period that may be meant; who renewed it is not among them."""
    now = timezone.now()
    program = ProgramFactory(name="Acme alerts", consent_months=6)
    ProgramFactory(name="Acme news", consent_months=24, numbers=["+12025550101"])
    soon = now - relativedelta(months=6) + dt.timedelta(days=20)
    told("opt_in", soon, organization=ACME)
    told("opt_in", soon, organization=ACME, number="+12025550118")
    told("opt_in", now, organization=ACME, number="+12025550118")
    told("opt_in", soon, organization=ACME, number="+12025550119", scope="program",
         program=Program.objects.get(name="Acme news"))  # fmt: skip

    page = support.get("/admin/consent/standing/ending/")
    listed = support.get("/admin/consent/standing/?ends=30")

    assert page.context["senders"] == [(programs.sender(program.organization), 1)]
    assert {row.identifier.hint for row in listed.context["cl"].result_list} == {
        identifiers.hint(identifiers.phone(ADA))
    }
    first = {url: n for _, url, n in support.get("/admin/").context["today"]}
    assert first["/admin/consent/standing/ending/"] == 1
    answer = support.post("/admin/consent/standing/lookup/", {"address": ADA})
    ends = soon + relativedelta(months=6)
    assert f"you may text until {ends.day} {ends:%B %Y}" in answer.content.decode()
