"""California's measure: points of data that staff matched with what we hold."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from dsr import identity, intake, requests, uploads
from dsr.models import IdentityDecision, Ticket, Upload
from dsr.uploads import File
from privacy import identifiers
from privacy.models import AuditEvent
from tests.dsr.factories import ADA, LENA, NOW, RECEIVED, asked, clock
from tests.privacy.factories import signed_in

pytestmark = pytest.mark.django_db
TWO, THREE = ["name", "phone"], ["name", "phone", "address"]
SIGNED = {"has_declaration": True}
CARD = b"%PDF-1.7 I declare under penalty of perjury"


def decided(ticket, **said):
    facts = {"accepted": True, "reason": "She says so", "by": LENA, "now": NOW}
    return identity.decide(ticket=ticket, **(facts | said))


def missing(right, regime="US-CA", **said):
    ticket = asked(right, regime=regime)
    decided(ticket, **said)
    return " ".join(identity.standing(ticket).missing)


@pytest.mark.parametrize(
    ("right", "said", "lacks"),
    [
        ("erasure", {}, "lena matched 0 of 2 points of data"),
        ("erasure", {"points": ["name"]}, "lena matched 1 of 2"),
        ("erasure", {"points": ["name", "name"]}, "lena matched 1 of 2"),
        ("rectification", {"points": []}, "lena matched 0 of 2"),
        ("access", {"points": TWO} | SIGNED, "lena matched 2 of 3"),
        ("access", {"points": THREE}, "A declaration signed under penalty of perjury"),
        ("portability", SIGNED, "lena matched 0 of 3"),
    ],
)
def test_a_sentence_of_ours_is_not_enough_where_the_law_counts(right, said, lacks):
    assert lacks in missing(right, **said)


@pytest.mark.parametrize(
    ("right", "said"),
    [
        ("erasure", {"points": TWO}),
        ("rectification", {"points": TWO}),
        ("access", {"points": THREE} | SIGNED),
        ("access", {"is_vouched": True}),  # a system that verified them answers
    ],
)
def test_as_many_as_the_law_counts_are_enough(right, said):
    assert missing(right, **said) == ""


def test_elsewhere_no_law_counts_points():
    assert missing("access", "EU-GDPR") == ""
    assert missing("opt_out_sale") == ""


def test_nothing_is_done_on_a_sentence_alone():
    ticket = asked("access")
    decided(ticket)
    requests.plan(ticket=ticket, by=LENA, now=NOW)

    with pytest.raises(identity.NotVerified, match="0 of 3 points"):
        requests.approve(ticket=ticket, by=LENA, now=NOW)


def test_each_right_of_a_request_has_its_own_measure():
    first, second = intake.receive(
        rights=["access", "erasure"], regime="US-CA", marks=[identifiers.phone(ADA)],
        received_at=RECEIVED, source="phone", by=LENA, now=NOW, known_by="She called",
        points=TWO,
    )  # fmt: skip

    assert not identity.standing(first).is_enough
    assert identity.standing(second).is_enough


@pytest.mark.parametrize("source", ["staff", "mail", "post", "phone"])
def test_what_staff_type_is_never_vouched_for(source):
    (ticket,) = intake.receive(
        rights=["access"], regime="US-CA", marks=[identifiers.phone(ADA)],
        received_at=RECEIVED, source=source, by=LENA, now=NOW, known_by="She called",
    )  # fmt: skip

    assert not IdentityDecision.objects.get(ticket=ticket).is_vouched
    assert not identity.standing(ticket).is_enough


def test_what_was_matched_is_recorded_without_its_value():
    decided(asked("erasure"), points=TWO)

    said = json.loads(AuditEvent.objects.get(action="identity.accepted").payload)
    assert said["details"]["points"] == TWO
    assert said["details"]["declaration"] is False
    assert "0143" not in str(said)


def test_a_point_that_nobody_knows_is_refused():
    with pytest.raises(identity.UnknownPoint):
        decided(asked("erasure"), points=["shoe size"])
    assert not IdentityDecision.objects.exists()


FORM = {
    "rights": ["access"],
    "regime": "US-CA",
    "phone": "(202) 555-0143",
    "received_at": "2026-11-23 09:00",
    "source": "post",
    "known_by": "Compared with her account",
}


def test_who_enters_a_request_ticks_what_matched_and_attaches_the_declaration():
    lena, page = signed_in(LENA), reverse("admin:dsr_ticket_receive")
    matched = {"points": THREE, "has_declaration": "on"}

    bare = lena.post(page, FORM | matched).text
    unsaid = lena.post(page, FORM | {"points": TWO, "known_by": ""}).text
    assert "Attach the declaration that they signed." in bare
    assert "Say how you compared it." in unsaid
    assert not Ticket.objects.exists()
    scan = SimpleUploadedFile("declaration.pdf", CARD)
    lena.post(page, FORM | matched | {"scan": scan})

    ticket = Ticket.objects.get()
    shown = lena.get(reverse("admin:dsr_ticket_change", args=[ticket.pk])).text
    assert identity.standing(ticket).is_enough
    assert "postal address, full name, telephone" in shown
    assert "a signed declaration is on file" in shown


def test_who_decides_later_reads_what_the_law_counts():
    ticket = asked("access", received_at=timezone.now(), now=timezone.now())
    page = reverse("admin:dsr_ticket_who", args=[ticket.pk])
    lena = signed_in(LENA)
    said = {"accepted": "yes", "reason": "Compared", "points": TWO}

    paper = {"ticket": ticket, "purpose": Upload.Purpose.IDENTITY}
    uploads.keep(files=[File("id.pdf", CARD, len(CARD))], now=timezone.now(), **paper)
    kept = Upload.objects.filter(removed_at=None)

    assert "3 points of data that match with what we hold" in lena.get(page).text
    assert "the law counts more" in lena.post(page, said, follow=True).text
    assert kept.exists(), "what they sent may still be needed"
    assert "matched 2 of 3" in lena.get(page).text
    lena.post(page, said | {"points": THREE, "has_declaration": "on"})

    assert identity.standing(ticket).is_enough
    assert not kept.exists()


def test_a_no_deletes_what_they_sent():
    ticket = asked("access")
    file = File("id.pdf", CARD, len(CARD))
    uploads.keep(ticket=ticket, files=[file], purpose=Upload.Purpose.IDENTITY, now=NOW)

    decided(ticket, accepted=False)

    assert not Upload.objects.filter(removed_at=None).exists()


def test_codes_alone_are_as_good_as_before():
    ticket = asked("erasure")

    assert "0 of 1 proofs" in " ".join(identity.standing(ticket).missing)
    assert requests.fulfil(ticket=ticket, clock=clock).status == "received"
