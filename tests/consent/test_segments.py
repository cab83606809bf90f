"""A long text that its carrier brings in segments is read as one."""

import datetime as dt
from urllib.parse import urlencode

import pytest

from consent import check, review, segments
from consent.carriers import vonage
from consent.carriers.base import FORM, Call, Message, Segment
from consent.models import Event, InboundMessage
from consent.models import Segment as Kept
from privacy import identifiers
from tests.consent import signing
from tests.consent.factories import (
    ACME,
    ADA,
    OUR_NUMBER,
    ProgramFactory,
    later,
    told,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("known_keywords")]
WISH = ("I have had quite enough of this, so please take me off ", "your list. Thanks")
HELLO = ("Please don't stop", " sending me your offers, I like them very much")


def piece(texts, number, now, *, reference="17", message_id=""):
    message = Message(
        "vonage", message_id or f"{reference}-{number}", ADA, OUR_NUMBER,
        texts[number - 1], answerable=False, written_at=now,
        segment=Segment(reference, number, len(texts)),
    )  # fmt: skip
    return segments.receive(message=message, now=now)


def may(now):
    mark = identifiers.phone(ADA)
    return check.may_ever(mark, channel="sms", organization=ACME, now=now).reason


@pytest.mark.parametrize("order", [(1, 2), (2, 1)])
def test_it_is_understood_as_a_whole(now, order):
    ProgramFactory()

    for number in order:
        assert piece(WISH, number, now) == ""

    event = Event.objects.get()
    assert (event.kind, event.evidence["message"]) == ("opt_out", f"17-{order[1]}")
    whole = InboundMessage.objects.get(carrier_message_id=f"17-{order[1]}")
    assert whole.body.open() == "".join(WISH)
    assert InboundMessage.objects.count() == 2
    assert not review.unclear().exists()
    assert not Kept.objects.exists()


def test_what_a_segment_says_alone_does_not_count(now):
    ProgramFactory()

    piece(HELLO, 1, now)
    piece(HELLO, 2, now)

    assert not Event.objects.filter(kind="opt_out").exists()


def test_while_the_rest_is_missing_marketing_waits_and_nobody_has_to_read_it(now):
    ProgramFactory()
    told("opt_in", now)

    piece(WISH, 1, later(now, hours=1))

    assert may(later(now, hours=1)) == "held_for_review"
    assert not review.unclear().exists()


def test_brought_again_it_changes_nothing(now):
    ProgramFactory()

    for number in (1, 1, 2, 1, 2):
        piece(WISH, number, now)

    assert Event.objects.count() == 1
    assert InboundMessage.objects.count() == 2


def test_if_the_rest_never_comes_a_stop_in_it_is_obeyed(now):
    ProgramFactory()
    piece(("Stop texting me.", "?"), 1, now)
    soon = now + segments.WAIT - dt.timedelta(seconds=1)
    assert segments.read_alone(now=soon) == 0

    assert segments.read_alone(now=later(now, hours=1)) == 1

    event = Event.objects.get()
    assert (event.kind, event.recorded_by) == ("opt_out", "carrier:vonage")
    assert not review.unclear().exists()
    assert segments.read_alone(now=later(now, hours=1)) == 0


@pytest.mark.parametrize("text", ["START", "Hello, about my order", "HELP"])
def test_if_the_rest_never_comes_a_person_reads_what_asks_for_no_stop(now, text):
    piece((text, "?"), 1, now)

    segments.read_alone(now=later(now, hours=1))

    assert not Event.objects.exists()
    assert review.unclear().get().rule == "carrier: segment 1 of 2"


def test_the_rest_may_come_after_a_while(now):
    piece(WISH, 1, now)
    segments.read_alone(now=now + segments.WAIT * 2)

    piece(WISH, 2, now + segments.WAIT * 3)

    whole = InboundMessage.objects.get(carrier_message_id="17-2")
    assert whole.body.open() == "".join(WISH)
    assert whole.meaning == "opt_out"
    assert not review.unclear().exists()


def test_segments_of_other_texts_are_not_mixed_in(now):
    piece(WISH, 1, now)

    piece(WISH, 2, now, reference="18")
    piece((*WISH, "?"), 2, now, message_id="of-three")
    piece(WISH, 2, now + segments.LONGEST * 2, message_id="much-later")

    assert not Event.objects.exists()


# --- as Vonage says it -----------------------------------------------------------
def inbound(said):
    body = urlencode(signing.sample("vonage_inbound_sms.json") | said).encode()
    at = dt.datetime(2026, 4, 1, 12, tzinfo=dt.UTC)
    return Call("https://portal.example.com", {"content-type": FORM}, body, at)


def test_vonage_says_which_segment_it_is():
    said = {"concat": "true", "concat-ref": "17", "concat-total": 2, "concat-part": "1"}

    assert vonage.parse(inbound(said)).segment == Segment("17", 1, 2)


@pytest.mark.parametrize(
    "changed",
    [{}, {"concat-total": "1"}, {"concat-part": "3"}, {"concat-part": "0"},
     {"concat-part": "x"}, {"concat-total": "999"}, {"concat-ref": "x" * 41}],
)  # fmt: skip
def test_what_is_no_segment_is_a_text_of_its_own(changed):
    said = {"concat-ref": "17", "concat-total": "2", "concat-part": "1"} | changed

    assert vonage.parse(inbound(said if changed else {})).segment is None
