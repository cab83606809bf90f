"""California's measure: points of data that staff matched with what we hold."""

import io
import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from dsr import identity, intake, requests, uploads
from dsr.identity import comparing, rules
from dsr.models import IdentityDecision, Ticket, Upload
from dsr.uploads import File
from privacy import identifiers
from privacy.datamap import files
from privacy.models import AuditEvent
from tests.dsr.factories import ADA, LENA, NOW, RECEIVED, asked, clock
from tests.privacy import messaging
from tests.privacy.factories import signed_in, staff

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
    with pytest.raises(identity.UnknownPoint):
        decided(asked("erasure"), said={"shoe size": "38"})
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


# --- compared by the portal ---------------------------------------------------------
PLACES = """      seen_at: {not_personal: A date}
      born: {category: profile_contact, identifier: birth_date, source: direct,
             purposes: [provide], treatment: nullify}
      zip: {category: profile_contact, identifier: postcode, source: direct,
            purposes: [provide], treatment: nullify}
"""
BENS_MAIL = "ben.sample@example.org"


@pytest.fixture
def homes(town, now):
    """The town also keeps a birthday and a postal code of Ada, and Ben's code."""
    town.execute("ALTER TABLE person ADD born date, ADD zip varchar(10)")
    town.execute(
        "UPDATE person SET born = '1985-03-04', zip = '62704' WHERE phone ~ '0143'"
    )
    town.execute("UPDATE person SET zip = '10001' WHERE name ~ 'Ben'")
    text = messaging.MAP.replace("      seen_at: {not_personal: A date}\n", PLACES)
    files.load(text=text, by="pia", now=now)
    return town


@pytest.mark.parametrize(
    ("said", "result"),
    [
        ({"name": "Sample, ada"}, "match"),
        ({"name": "Ben Sample"}, "no_match"),
        ({"birth": "1985"}, "match"),
        ({"birth": "04.03.1985"}, "match"),
        ({"birth": "1984-03-04"}, "no_match"),
        ({"address": "62704"}, "match"),
        ({"address": "6270"}, "no_match"),
        ({"phone": "(202) 555-0143"}, "match"),
        ({"email": "ada.sample@example.net"}, "no_match"),
    ],
)
def test_the_portal_compares_what_they_told_us(homes, said, result):
    decision = decided(asked("erasure"), said=said)

    assert list(decision.compared.values()) == [result]
    assert decision.points == [*said] * (result == "match")
    recorded = AuditEvent.objects.get(action="identity.accepted").payload
    assert not any(value in recorded for value in said.values())


def test_only_matches_count(homes):
    ticket = asked("erasure")
    decided(ticket, said={"name": "Ada Sample", "birth": "1999"})
    assert "lena matched 1 of 2" in " ".join(identity.standing(ticket).missing)

    decided(ticket, said={"name": "Ada Sample", "birth": "1985"})
    assert identity.standing(ticket).is_enough


def test_what_we_do_not_hold_of_them_matches_nothing(homes):
    marks = [identifiers.email(BENS_MAIL)]
    said = {"birth": "1985-03-04", "address": "10001"}

    decision = decided(asked("erasure", marks=marks), said=said)

    assert decision.compared == {"birth": "not_on_file", "address": "match"}


def test_a_stranger_who_adds_their_own_address_matches_nothing(homes):
    marks = [identifiers.phone(ADA), identifiers.email(BENS_MAIL)]
    said = {"name": "Ben Sample", "address": "10001", "birth": "1985"}

    decision = decided(asked("erasure", marks=marks), said=said)

    assert set(decision.compared.values()) == {"no_match"}


def test_whoever_shares_the_number_is_not_told_apart_by_it(homes):
    homes.execute("UPDATE person SET phone = %s WHERE name ~ 'Ben'", [ADA])

    decision = decided(asked("erasure"), said={"name": "Ada Sample"})

    assert decision.compared == {"name": "shared"}


@pytest.mark.parametrize(
    "said", [{"name": "Ada"}, {"birth": "March"}, {"address": "12"}, {"phone": "143"}]
)
def test_too_little_is_not_compared(homes, said):
    with pytest.raises(comparing.TooLittle):
        decided(asked("erasure"), said=said)
    assert not IdentityDecision.objects.exists()


def test_nobody_guesses_for_ever(homes):
    ticket = asked("erasure")
    for _ in range(rules.limit("wrong_points")):
        decided(ticket, said={"birth": "1999"})

    with pytest.raises(comparing.TooManyGuesses):
        decided(ticket, said={"birth": "1985"})


def test_the_word_of_staff_counts_for_nothing_that_the_portal_can_compare(homes):
    with pytest.raises(comparing.ComparedByUs):
        decided(asked("erasure"), points=["name"])

    decision = decided(asked("erasure"), points=["message"])
    assert decision.points == ["message"]


def test_staff_read_the_result_and_no_value(homes):
    ticket = asked("erasure", received_at=timezone.now(), now=timezone.now())
    page = reverse("admin:dsr_ticket_who", args=[ticket.pk])
    lena = signed_in(LENA)
    told = {"said_name": "Ada Sample", "said_birth": "1999-03-04", "said_address": ""}

    assert "Date of birth, as they told you" in lena.get(page).text
    done = lena.post(
        page, {"accepted": "yes", "reason": "On the phone"} | told, follow=True
    )

    assert "Full name: match. Date of birth: no match. Noted" in done.text
    assert "Date of birth: no match" in lena.get(page).text
    assert "1985" not in done.text + lena.get(page).text


def test_they_are_compared_by_command(homes, monkeypatch, capsys):
    monkeypatch.setattr("sys.stdin", io.StringIO("name: Ada Sample\nbirth: 1985\n"))
    ticket = asked("erasure")
    staff(LENA)

    call_command(
        "dsr", "identity", str(ticket), "--accepted", "yes", "--reason", "By phone",
        "--compare", "--by", LENA,
    )  # fmt: skip

    assert "name: match. birth: match." in capsys.readouterr().out
    assert identity.standing(ticket).is_enough
