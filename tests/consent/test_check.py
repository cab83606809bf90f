"""May we contact this person? Every way the answer can come out."""

import pytest

from consent import check
from consent.ledger import WrongChannel
from consent.models import Event
from privacy import identifiers
from tests.consent.factories import ACME, ADA, OUR_NUMBER, ProgramFactory, later, told

pytestmark = pytest.mark.django_db
BETA = "org_beta"


def asked(now, *, number=ADA, channel="sms", **changed):
    return check.may_contact(
        identifiers.understand(number), channel=channel, now=now, **changed
    )


def test_marketing_needs_consent_and_service_does_not(now):
    marketing, service = asked(now), asked(now, purpose="service")

    assert (marketing.allowed, marketing.reason) == (False, "no_consent_on_record")
    assert (service.allowed, service.reason) == (True, "no_consent_needed")
    assert marketing.decided_by is None


def test_an_opt_in_allows_and_a_stop_forbids_all(now):
    told("opt_in", now)
    assert asked(now).reason == "opted_in"

    stop = told("opt_out", later(now, hours=1))
    answer = asked(later(now, hours=2))

    assert (answer.allowed, answer.reason) == (False, "opted_out")
    assert (answer.since, answer.decided_by) == (stop.occurred_at, stop)
    assert not asked(later(now, hours=2), purpose="service").allowed
    assert not asked(later(now, hours=2), channel="mms").allowed


def test_the_stop_of_an_erased_person_is_still_honoured(now):
    event = told("opt_out", now)

    identifiers.forget(identifier=event.identifier, by="sam", now=now)

    assert asked(now).reason == "opted_out"


def test_what_the_erased_had_consented_to_counts_no_more(now):
    event = told("opt_in", now)
    identifiers.forget(identifier=event.identifier, by="sam", now=later(now, hours=1))

    assert asked(later(now, hours=2)).reason == "no_consent_on_record"

    told("opt_in", later(now, hours=3))  # they came back, by themselves
    assert asked(later(now, hours=4)).reason == "opted_in"


def test_the_answer_as_of_an_earlier_instant(now):
    told("opt_in", now)
    told("opt_out", later(now, days=2))

    after = later(now, days=3)
    instants = [later(now, hours=-1), later(now, days=1), later(now, days=2)]
    reasons = [asked(after, at=at).reason for at in instants]

    assert reasons == ["no_consent_on_record", "opted_in", "opted_out"]


# --- who is asking ------------------------------------------------------------
@pytest.mark.parametrize(
    ("story", "sender", "allowed"),
    [
        ([("opt_in", ""), ("opt_out", ACME)], ACME, False),
        ([("opt_in", ""), ("opt_out", ACME)], BETA, True),
        ([("opt_in", ""), ("opt_out", ACME)], "", False),
        ([("opt_in", ACME)], BETA, False),
        ([("opt_in", ACME)], ACME, True),
        ([("opt_in", ACME)], "", True),
        ([("opt_in", ACME), ("opt_out", "")], ACME, False),
        ([("opt_out", ""), ("opt_in", ACME)], ACME, True),
        ([("opt_out", ""), ("opt_in", ACME)], BETA, False),
        ([("opt_out", ACME), ("opt_in", "")], ACME, False),
        ([("opt_in", ACME), ("opt_out", ""), ("opt_in", ACME)], ACME, True),
        ([("opt_in", ACME), ("opt_out", ""), ("opt_in", ACME), ("opt_out", "")], ACME,
         False),
    ],
)  # fmt: skip
def test_who_may_after_what_was_told_to_whom(now, story, sender, allowed):
    for hour, (kind, organization) in enumerate(story):
        told(kind, later(now, hours=hour), organization=organization)

    assert asked(later(now, days=1), organization=sender).allowed is allowed
    as_of = asked(later(now, days=2), organization=sender, at=later(now, days=1))
    assert as_of.allowed is allowed


# --- in words -----------------------------------------------------------------
def test_the_sentence_says_how_when_by_which_message_and_to_whom(now):
    told(
        "opt_out",
        now,
        organization=ACME,
        route="twilio",
        evidence={"keyword": "stop", "message": "SM1", "our_number": OUR_NUMBER},
    )

    assert asked(now).sentence == (
        "No — do not text. Opted out by replying “STOP” to +1 202 555 0100 on "
        "24 November 2026, 09:00 UTC; message SM1; every program of org_acme."
    )
    ProgramFactory(organization=ACME, name="Acme Roofing")
    assert asked(now).sentence.endswith("every program of Acme Roofing.")


@pytest.mark.parametrize(
    ("route", "evidence", "words"),
    [
        ("support", {}, "by telling support"),
        ("fax", {}, "through fax"),
        ("twilio", {"our_number": "72345"}, "by a message to 72345"),
    ],
)
def test_other_ways_of_telling_us(now, route, evidence, words):
    told("opt_out", now, route=route, evidence=evidence)

    assert words in asked(now, channel="voice").sentence


def test_the_sentences_without_an_event(now):
    assert asked(now).sentence.startswith("No — do not text for marketing")
    assert asked(now, channel="voice").sentence.startswith("No — do not call")
    mail = asked(now, number="ada@example.com", channel="email", purpose="service")
    assert mail.sentence.startswith("Yes — you may e-mail for service: ")


# --- refusals -----------------------------------------------------------------
@pytest.mark.parametrize(
    ("question", "refusal"),
    [
        ({"channel": "fax"}, check.UnknownChannel),
        ({"channel": "web"}, check.UnknownChannel),
        ({"channel": "email"}, WrongChannel),
        ({"purpose": "fun"}, check.UnknownPurpose),
    ],
)
def test_questions_that_make_no_sense(now, question, refusal):
    with pytest.raises(refusal):
        asked(now, **question)


def test_nobody_knows_the_future(now):
    with pytest.raises(check.NotYet):
        asked(now, at=later(now, seconds=1))
    assert not Event.objects.exists()
