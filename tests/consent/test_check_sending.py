"""May this message go out now? Every reason, for one person and for many alike."""

import datetime as dt
import itertools

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from consent import check, keeping, listings, lookup, marks, review
from consent.check import frequency
from consent.check.frequency import Message
from consent.models import InboundMessage, Listing, ListingBefore
from consent.sql import checks
from privacy import audit, holds, identifiers
from privacy.models import AuditEvent, Hold, Identifier
from privacy.stores import StoreDown
from tests.consent.factories import (
    ACME,
    ADA,
    OUR_NUMBER,
    ProgramFactory,
    later,
    sent,
    told,
)

pytestmark = pytest.mark.django_db
BEA = "+12025550118"


@pytest.fixture
def now():
    """Tuesday noon in New York: nobody's quiet hour."""
    return dt.datetime(2026, 11, 24, 17, 0, tzinfo=dt.UTC)


def asked(now, *, number=ADA, channel="sms", **changed):
    """Of one person; and the same of many, which must say the same."""
    mark = identifiers.understand(number)
    one = check.may_send(mark, channel=channel, now=now, **changed)
    (many,) = check.may_send_each([mark], channel=channel, now=now, **changed)
    event = one.decided_by
    assert (many.allowed, many.reason) == (one.allowed, one.reason)
    assert (many.since, many.until, many.rule) == (one.since, one.until, one.rule)
    assert bool(many.said) is bool(event)
    return one


def listed(name, at, **changed):
    facts = {"source": "list 7", "by": "pia", "now": at, "listed_at": at}
    return listings.put(mark=identifiers.phone(ADA), name=name, **(facts | changed))


def test_consent_decides_when_nothing_stands_against_it(now):
    assert asked(now).reason == "no_consent_on_record"
    assert asked(now, purpose="service").reason == "no_consent_needed"
    told("opt_in", now)
    assert asked(now).reason == "opted_in"
    stop = told("opt_out", later(now, hours=1))
    answer = asked(later(now, hours=2))
    assert (answer.reason, answer.decided_by) == ("opted_out", stop)


# --- quiet hours --------------------------------------------------------------
def test_at_night_marketing_waits_and_service_and_mail_do_not(now):
    night = later(now, hours=12)
    told("opt_in", now)
    told("opt_in", now, number="ada@example.com", channel="email")

    answer = asked(night)

    assert (answer.allowed, answer.reason) == (False, "quiet_hours")
    assert answer.until == later(now, hours=20)
    assert answer.rule.startswith("US: 47 CFR 64.1200(c)(1)")
    assert answer.sentence.startswith(
        "No — do not text until 25 November 2026, 13:00 UTC: it is too early"
    )
    assert asked(night, purpose="service").allowed
    assert asked(night, number="ada@example.com", channel="email").allowed


def test_a_known_state_counts_too(now):
    told("opt_in", now)

    assert asked(later(now, hours=8, minutes=30)).allowed
    answer = asked(later(now, hours=8, minutes=30), state="FL")
    assert (answer.reason, answer.rule[:6]) == ("quiet_hours", "US-FL:")


def test_as_of_an_earlier_instant(now):
    told("opt_in", now)
    told("opt_out", later(now, days=2))
    today = later(now, days=3)

    assert asked(today, at=later(now, days=1)).reason == "opted_in"
    assert asked(today, at=later(now, hours=12)).reason == "quiet_hours"
    assert asked(today, at=later(now, hours=-1)).reason == "no_consent_on_record"
    assert asked(today, at=today).reason == "opted_out"


# --- lists --------------------------------------------------------------------
def test_a_reassigned_number_has_no_consent_of_its_first_person(now):
    told("opt_in", now)
    listed("reassigned", later(now, days=1))

    answer = asked(later(now, days=2))

    assert (answer.allowed, answer.reason) == (False, "reassigned")
    assert answer.since == later(now, days=1)
    assert answer.rule == "Reassigned to another person"
    assert not asked(later(now, days=2), purpose="service").allowed
    assert asked(later(now, days=2), at=later(now, hours=1)).allowed
    told("opt_in", later(now, days=3))
    assert asked(later(now, days=4)).reason == "opted_in"


def test_the_national_registry_yields_to_consent(now):
    listed("do_not_call", now)

    assert asked(later(now, hours=1)).reason == "do_not_call"
    assert asked(later(now, hours=1), purpose="service").allowed
    told("opt_in", later(now, days=-1))
    assert asked(later(now, hours=1)).reason == "opted_in"


def test_our_own_list_yields_only_to_later_consent_and_ends(now):
    told("opt_in", now)
    listed("requested", later(now, days=1), ends_at=later(now, days=9))

    assert asked(later(now, days=2)).reason == "do_not_call"
    assert asked(later(now, days=2)).until == later(now, days=9)
    assert asked(later(now, days=10)).reason == "opted_in"
    told("opt_in", later(now, days=3))
    assert asked(later(now, days=4)).reason == "opted_in"


def test_an_opt_out_comes_before_every_list(now):
    told("opt_out", now)
    listed("reassigned", now)

    assert asked(later(now, hours=1)).reason == "opted_out"


def test_putting_on_a_list_is_recorded_and_the_latest_counts(now):
    listed("requested", now)
    row = listed("requested", later(now, days=1), source="list 8")

    assert (Listing.objects.get(), row.source) == (row, "list 8")
    assert str(row) == "Our own do-not-call list"
    assert AuditEvent.objects.filter(action="listing.put").count() == 2
    assert audit.verify()
    with pytest.raises(listings.UnknownList):
        listed("another", now)


@pytest.mark.parametrize(
    ("changed", "name"),
    [
        ({"list": "requested"}, "consent_listing_once"),
        (
            {"ends_at": dt.datetime(2020, 1, 1, tzinfo=dt.UTC)},
            "consent_listing_ends_after_it_begins",
        ),
    ],
)
def test_the_database_keeps_lists_straight(now, changed, name):
    row = listed("requested", now)
    facts = {"list": "reassigned", "listed_at": now, "recorded_at": now} | changed

    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Listing.objects.create(identifier=row.identifier, **facts)


# --- held for review ------------------------------------------------------------
@pytest.mark.usefixtures("known_keywords")
def test_while_a_message_is_unclear_marketing_is_held(now):
    told("opt_in", now)
    sent("see you soon", later(now, hours=1))
    InboundMessage.objects.update(meaning="ambiguous")

    answer = asked(later(now, hours=2))

    assert (answer.allowed, answer.reason) == (False, "held_for_review")
    assert answer.since == later(now, hours=1)
    assert "a person has to read it" in answer.sentence
    assert asked(later(now, hours=2), purpose="service").allowed
    assert asked(later(now, hours=2), at=later(now, minutes=30)).allowed
    told("opt_in", later(now, hours=3))
    assert asked(later(now, hours=4)).reason == "opted_in"


@pytest.mark.usefixtures("known_keywords")
@pytest.mark.parametrize(
    ("settles", "said"),
    [
        (True, {"organization": ACME}),
        (True, {"organization": ""}),
        (False, {"organization": "org_other"}),
        (False, {"organization": ACME, "route": "import"}),
        (False, {"organization": ACME, "route": "carried"}),
        (False, {"organization": ACME, "source": "providers"}),
        (False, {"organization": ACME, "source": "third_party"}),
    ],
    ids=["to it", "to all", "another", "list", "another number", "log", "third"],
)
def test_a_hold_ends_by_their_own_word_to_the_same_sender(now, settles, said):
    """The check, the queue, and what may be deleted agree."""
    ProgramFactory()
    told("opt_in", now, organization=ACME)
    sent("maybe stop some day", later(now, hours=1))

    told("opt_in", later(now, hours=2), **said)

    answer = asked(later(now, hours=3), organization=ACME)
    assert answer.reason == ("opted_in" if settles else "held_for_review")
    assert review.unclear().exists() is not settles
    assert keeping.told(later(now, days=1)).exists() is settles


# --- frequency --------------------------------------------------------------------
@pytest.fixture
def messages(monkeypatch):
    """When Ada got messages, as if read from the platform's own table."""
    moments = []

    def sent_to(people, organization, at):
        assert organization == ACME
        known = sorted((m for m in moments if m <= at), reverse=True)
        return {mark.value: [Message(m, OUR_NUMBER) for m in known] for mark in people}

    monkeypatch.setattr(frequency, "sent_to", sent_to)
    return moments


def test_a_programs_cap_counts_thirty_days(now, messages):
    ProgramFactory(monthly_cap=2, name="Alerts")
    told("opt_in", later(now, days=-60), organization=ACME)
    messages += [later(now, days=-29), later(now, days=-40), later(now, days=-1)]

    answer = asked(now, organization=ACME)

    assert (answer.reason, answer.rule) == ("frequency_cap", "Program Alerts")
    assert answer.until == later(now, days=1)
    assert asked(later(now, days=1), organization=ACME).allowed
    assert asked(now, organization=ACME, purpose="service").allowed


def test_a_states_cap_counts_a_day(now, messages):
    florida = "+13055550117"
    told("opt_in", later(now, days=-60), organization=ACME, number=florida)
    messages += [later(now, hours=-each) for each in (1, 2, 23)]

    answer = asked(now, organization=ACME, number=florida)

    assert (answer.reason, answer.rule[:6]) == ("frequency_cap", "US-FL:")
    assert answer.until == later(now, hours=1)
    messages.pop()
    assert asked(now, organization=ACME, number=florida).allowed


def test_a_cap_nobody_can_count_is_a_no(now, messages, monkeypatch):
    def down(*_):
        raise StoreDown

    monkeypatch.setattr(frequency, "sent_to", down)
    ProgramFactory(monthly_cap=9)
    told("opt_in", now, organization=ACME)

    answer = asked(now, organization=ACME)

    assert (answer.allowed, answer.reason) == (False, "frequency_unknown")
    assert "does not answer" in answer.rule


def test_a_cap_of_none_allows_none_whoever_counts(now):
    cap = frequency.Cap(0, frequency.MONTH, "never")
    ProgramFactory(monthly_cap=0, name="Never")
    told("opt_in", now, organization=ACME)

    assert frequency.reached([cap], [], now) == (cap, now + frequency.MONTH)
    answer = asked(now, organization=ACME)
    assert (answer.reason, answer.rule) == ("frequency_cap", "Program Never")


def test_without_a_log_of_messages_no_cap_is_kept(now, settings):
    """Neither the program's nor the state's; what is known to forbid says so first."""
    florida = "+13055550117"
    ProgramFactory(monthly_cap=9)
    told("opt_in", now, organization=ACME)
    told("opt_in", now, organization="org_other", number=florida)

    answer = asked(now, organization=ACME)
    assert (answer.allowed, answer.reason) == (False, "frequency_unknown")
    assert "marked as the log" in answer.sentence
    of_florida = {"organization": "org_other", "number": florida}
    assert asked(now, **of_florida).reason == "frequency_unknown"
    assert asked(later(now, hours=12), **of_florida).reason == "quiet_hours"
    assert asked(now, organization=ACME, purpose="service").allowed

    settings.CALLER_COUNTS_MESSAGES = True
    assert asked(now, organization=ACME).allowed
    assert asked(now, **of_florida).allowed


def test_another_programs_messages_do_not_use_up_a_cap(now, messages):
    """Those of no program do: nobody knows whose they were."""
    alerts = ProgramFactory(monthly_cap=2, numbers=[OUR_NUMBER])
    offers = ProgramFactory(monthly_cap=2, numbers=["+12025550101"])
    told("opt_in", later(now, days=-60), organization=ACME)
    messages += [later(now, days=-1), later(now, days=-2)]

    assert asked(now, program=alerts.name).reason == "frequency_cap"
    assert asked(now, program=offers.name).allowed
    assert asked(now, organization=ACME).reason == "frequency_cap", "either may send"
    alerts.numbers = []
    alerts.save()
    assert asked(now, program=offers.name).reason == "frequency_cap"


# --- one and many -----------------------------------------------------------------
def test_many_people_get_each_their_own_answer_by_few_statements(
    now, django_assert_max_num_queries
):
    told("opt_in", now)
    told("opt_out", now, number=BEA)
    numbers = [f"+1202555{n:04}" for n in range(300)]
    people = [identifiers.phone(number) for number in numbers]

    with django_assert_max_num_queries(2):
        answers = check.may_send_each(people, channel="sms", now=later(now, hours=1))

    said = dict(zip(numbers, (each.reason for each in answers), strict=True))
    assert (said.pop(ADA), said.pop(BEA)) == ("opted_in", "opted_out")
    assert set(said.values()) == {"no_consent_on_record"}
    assert Identifier.objects.count() == 2


def test_one_and_many_agree_on_every_story(now):
    """All stories of three events to two senders; `asked` compares one with many."""
    kinds = list(itertools.product(["opt_in", "opt_out"], ["", ACME]))
    for number, story in enumerate(itertools.product(kinds, repeat=3)):
        person = f"+1202556{number:04}"
        for hour, (kind, organization) in enumerate(story):
            told(
                kind, later(now, minutes=hour), number=person, organization=organization
            )
        for organization in ("", ACME, "other"):
            asked(later(now, hours=1), number=person, organization=organization)
            asked(
                later(now, hours=1),
                number=person,
                organization=organization,
                at=later(now, minutes=1),
            )


def test_nobody_is_asked_about(now):
    assert check.may_send_each([], channel="sms", now=now) == []


@pytest.mark.parametrize(
    "text",
    [
        "+12025550117", "12025550117", "2025550117", "(202) 555-0117", "+2025550117",
        "+4930123456", "letters", "", "1025550117", "02025550117", "+1 202 555 0117",
        "٢٠٢٥٥٥٠١١٧", "tel:+12025550117", "120255501170",
    ],
)  # fmt: skip
def test_many_numbers_are_read_as_one_is(text):
    try:
        one = identifiers.phone(text).value
    except identifiers.NotAnIdentifier:
        one = None

    assert marks.phone(text) == one


def test_many_fingerprints_are_those_of_one_under_every_key(settings):
    settings.IDENTIFIER_KEYS = [
        "k2:c2Vjb25kIGtleSBvZiB0aGlydHktdHdvIGJ5dGVzISE=",
        "k1:SWRlbnRpZmllcnMgYXJlIGtleWVkIHdpdGggdGhpcyE=",
    ]
    people = [identifiers.phone(ADA), identifiers.email("ada@example.com")]

    ada, mail = (identifiers.digests(mark) for mark in people)

    assert marks.digests_of(people) == [ada[0], mail[0], ada[1], mail[1]]


def test_statements_use_the_indexes_they_name(now):
    told("opt_in", now)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(
            "EXPLAIN " + checks.KNOWN,
            {
                "digests": "a",
                "people": 1,
                "kind": "phone",
                "channel": "sms",
                "organization": ACME,
                "standings": True,
                "at": now,
                "known": "infinity",
            },
        )
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "privacy_identifier_once" in plan
    assert "consent_standing" in plan


def test_as_of_a_time_after_the_erasure_their_consent_counted_no_more(now):
    event = told("opt_in", later(now, hours=-3))
    erased_at = later(now, hours=-1)
    identifiers.forget(identifier=event.identifier, by="sam", now=erased_at)

    at = [later(now, hours=hours) for hours in (-2, -1, 0)]
    reasons = [asked(now, at=each).reason for each in at]
    assert reasons == ["opted_in", "no_consent_on_record", "no_consent_on_record"]


# --- what we knew -----------------------------------------------------------------
def test_what_a_list_said_before_the_number_was_put_on_it_again_is_kept(now):
    """As of then; and by what we knew then, where it began later in the new copy."""
    told("opt_in", later(now, days=-9), organization=ACME)
    first, again = later(now, days=-8), later(now, days=-3)
    listed("requested", first, source="a letter", ends_at=later(now, days=-1))
    listed("requested", again, source="a call", ends_at=later(now, days=900))

    def reason(**then):
        return asked(now, organization=ACME, **then).reason

    between = later(now, days=-5)
    assert reason() == reason(at=between) == reason(known_at=between) == "do_not_call"
    assert reason(at=now, known_at=between) == "opted_in", "it had ended by then"
    assert reason(at=later(first, hours=-1)) == "opted_in"
    found = lookup.look_up(text=ADA, by="sam", now=now)
    assert [row.source for row in found.lists] == ["a call", "a letter"]
    then = lookup.look_up(text=ADA, by="sam", now=now, known_at=between)
    assert [row.source for row in then.lists] == ["a letter"]
    with pytest.raises(DatabaseError, match="append"), transaction.atomic():
        ListingBefore.objects.all().delete()


def test_a_message_that_was_set_aside_later_held_marketing_until_then(now):
    told("opt_in", later(now, days=-9), organization=ACME)
    sent("Don't stop, I love these", later(now, days=-5))
    row, read = InboundMessage.objects.get(), later(now, days=-2)
    review.set_aside(row=row, by="sam", now=read)

    def reason(**then):
        return asked(now, organization=ACME, **then).reason

    before, after = later(now, days=-4), later(now, days=-1)
    assert reason(at=before) == reason(known_at=before) == "held_for_review"
    assert reason(at=now, known_at=before) == "held_for_review"
    assert reason(at=later(now, days=-6)) == reason(at=read) == "opted_in"
    assert reason(at=after) == reason() == "opted_in"


def test_lists_and_holds_count_from_when_we_knew_of_them(now):
    """Of each: what stands from the first day on, and we learn on the fifth."""
    told("opt_in", later(now, days=-9), organization=ACME)
    first, learned = later(now, days=-8), later(now, days=-5)

    def reasons(**then):
        return asked(now, organization=ACME, **then).reason

    listed("reassigned", first, now=learned)
    for days, reason in ((-6, "opted_in"), (-4, "reassigned")):
        assert reasons(at=later(now, days=-6), known_at=later(now, days=days)) == reason
    assert reasons(at=later(now, days=-6)) == "reassigned"
    assert reasons(known_at=later(now, days=-6)) == "opted_in"
    Listing.objects.all().delete()

    person = identifiers.find(identifiers.phone(ADA))
    facts = {"identifiers": [person], "tables": [], "by": "lena", "now": learned}
    hold = holds.place(matter="ticket 7", kind=Hold.Kind.RESTRICTION, **facts)
    holds.release(hold=hold, by="lena", now=later(now, days=-2), told_at=learned)
    known = {days: reasons(known_at=later(now, days=days)) for days in (-6, -4, -1)}
    assert known == {-6: "opted_in", -4: "restricted", -1: "opted_in"}

    sent("Don't stop, I love these", later(now, days=-1))
    told("opt_in", later(now, hours=-20), now=later(now, hours=-10))
    hours = (30, 15, 5)
    known = {h: reasons(at=now, known_at=later(now, hours=-h)) for h in hours}
    assert known == {30: "opted_in", 15: "held_for_review", 5: "opted_in"}
