"""The requests' screens: in the order of the procedure, for those who may."""

import pytest
from django.contrib.auth.models import Group, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from dsr.models import Ticket, Upload
from privacy import identifiers
from privacy.datamap import files
from privacy.models import AuditEvent
from tests.privacy import messaging

pytestmark = pytest.mark.django_db


@pytest.fixture
def sign_in(client):
    def as_one_of(group, name):
        user, _ = User.objects.get_or_create(username=name, is_staff=True)
        user.groups.set([Group.objects.get(name=group)])
        client.force_login(user)
        return client

    return as_one_of


@pytest.fixture
def town(connect, now):
    _, direct = connect("town", messaging.SCRIPT)
    files.load(text=messaging.MAP, by="pia", now=now)
    return direct


def page(verb, *args):
    return reverse(f"admin:dsr_ticket_{verb}", args=args)


REQUEST = {
    "rights": ["erasure"],
    "regime": "EU-GDPR",
    "phone": "(202) 555-0143",
    "received_at": "2026-11-23 09:00",
    "source": "post",
    "known_by": "The signature is that of the contract",
}


def test_legal_goes_from_receipt_to_approval_by_two_people(
    town, sign_in, monkeypatch, django_capture_on_commit_callbacks
):
    from dsr import tasks

    woken = []
    monkeypatch.setattr(tasks.fulfil, "delay", woken.append)
    sign_in("Legal", "max")
    lena = sign_in("Legal", "lena")
    lena.post(page("receive"), REQUEST)
    ticket = Ticket.objects.get()
    lena.post(page("plan", ticket.pk))
    shown = lena.get(page("change", ticket.pk)).content.decode()
    own = lena.get(page("approve", ticket.pk)).content.decode()
    refused = lena.post(page("approve", ticket.pk), follow=True).content.decode()
    max_ = sign_in("Legal", "max")
    preview = max_.get(page("approve", ticket.pk)).content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        max_.post(page("approve", ticket.pk))

    ticket.refresh_from_db()
    assert "Tax records" in shown
    assert "0143" not in shown
    assert "Somebody else must approve it" in refused
    assert "Somebody else must approve it: max." in own
    assert "“Approve” is for somebody other than you: max" in shown
    assert ("Approve it" in own, "Approve it" in preview) == (False, True)
    assert "What will happen, and why" in shown
    assert "Replaced by a code" in preview
    assert (ticket.status, woken) == (Ticket.Status.APPROVED, [ticket.pk])


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"phone": "call me"}, "That is not a phone number."),
        ({"phone": ""}, "at least one phone number or e-mail"),
        ({"more": "ada@example.com\n\ncall me"}, "Line 3: That is neither"),
        ({"more": "ada@example.com\n" * 21}, "At most 20 in one request."),
        ({"regime": "common sense"}, "is not one of the available choices"),
        ({"received_at": "2099-01-01 00:00"}, "received in the future"),
    ],
)
def test_bad_input_is_one_sentence_beside_what_was_typed(sign_in, change, sentence):
    answer = sign_in("Legal", "lena").post(page("receive"), {**REQUEST, **change})

    assert sentence in answer.content.decode()
    assert not Ticket.objects.exists()


def test_a_letter_may_name_several_numbers_and_addresses(sign_in):
    more = "+1 202 555 0188\r\n\r\nADA@example.com\r\n2025550143\r\n"
    sign_in("Legal", "lena").post(page("receive"), {**REQUEST, "more": more})

    named = [
        identifiers.value(row).value for row in Ticket.objects.get().identifiers.all()
    ]
    assert sorted(named) == ["+12025550143", "+12025550188", "ada@example.com"]


def test_a_letter_is_entered_with_its_scan_which_is_sealed(sign_in):
    lena = sign_in("Legal", "lena")
    wrong = SimpleUploadedFile("letter.pdf", b"MZ no letter")
    refused = lena.post(page("receive"), {**REQUEST, "scan": wrong}).content.decode()
    assert "Only PDF, JPEG, PNG and HEIC files are taken." in refused
    assert not Ticket.objects.exists()

    scan = SimpleUploadedFile("letter.pdf", b"%PDF-1.7 Erase me, Ada")
    lena.post(page("receive"), {**REQUEST, "scan": scan})

    (kept,) = Upload.objects.all()
    assert (kept.uploaded_by, kept.purpose) == ("lena", "other")
    assert b"Erase me" not in bytes(kept.content)
    paper = f"{page('paper', kept.ticket_id)}?file={kept.pk}"
    assert paper in lena.get(page("conversation", kept.ticket_id)).content.decode()
    assert lena.get(paper).content == b"%PDF-1.7 Erase me, Ada"


@pytest.mark.parametrize("verb", ["plan", "approve", "refuse", "withdraw", "download"])
def test_support_may_see_a_request_and_not_move_it(town, sign_in, verb):
    sign_in("Legal", "lena").post(page("receive"), REQUEST)
    ticket = Ticket.objects.get()
    sam = sign_in("Support", "sam")

    assert sam.get(page("changelist")).status_code == 200
    assert sam.post(page(verb, ticket.pk)).status_code == 403
    assert Ticket.objects.get().status == Ticket.Status.RECEIVED


def test_a_correction_is_proposed_seen_by_a_second_person_and_done(town, sign_in):
    lena = sign_in("Legal", "lena")
    lena.post(page("receive"), {**REQUEST, "rights": ["rectification"]})
    ticket = Ticket.objects.get()
    form = lena.get(page("correct", ticket.pk)).content.decode()
    wrong = {"field_1": "town.person.name", "after_1": "Ada Sampel"}
    nowhere = lena.post(page("correct", ticket.pk), wrong | {"before_1": "Nobody"})
    lena.post(page("correct", ticket.pk), wrong)
    seen = sign_in("Legal", "max").get(page("approve", ticket.pk)).content.decode()

    assert "town.person.email" in form
    assert "town.person.id<" not in form
    assert "None of the person&#x27;s rows" in nowhere.content.decode()
    assert "Ada Sample" in seen
    assert "Ada Sampel" in seen


def test_a_refusal_needs_a_reason_and_is_recorded(sign_in):
    lena = sign_in("Legal", "lena")
    lena.post(page("receive"), REQUEST)
    ticket = Ticket.objects.get()

    lena.post(page("refuse", ticket.pk), {"reason": ""})
    assert Ticket.objects.get().status == Ticket.Status.RECEIVED
    lena.post(
        page("refuse", ticket.pk),
        {"reason": "The person is not known to us.", "ground": "NO_DATA"},
    )

    assert Ticket.objects.get().status == Ticket.Status.REFUSED
    assert AuditEvent.objects.filter(action="ticket.refused", by="lena").exists()
