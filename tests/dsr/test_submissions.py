"""The public form: everybody is answered alike, and nothing they type is lost."""

import datetime as dt
import json
import re
import time

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from consent.models import SignalDay
from dsr import languages, links, messages, rate, requests, tickets, uploads
from dsr.models import Link, Message, Notice, Representative, Ticket, Upload
from dsr.uploads import File
from privacy import identifiers
from privacy.models import Identifier, Objection
from tests.dsr.factories import ADA, ADAS_MAIL, NOW

pytestmark = pytest.mark.django_db
FORM = "/privacy/request"
PDF = b"%PDF-1.7 a signed permission"
ASKED = {
    "rights": ["access"],
    "capacity": "self",
    "place": "US-CA",
    "phone": "(202) 555-0143",
    "email": ADAS_MAIL,
    "reply": "ada.writes@example.com",
    "words": "All of it, please.",
    "name": "Ada Sample",
}


def send(client, **changes):
    return client.post(FORM, {**ASKED, **changes})


def opened(client, **changes):
    """The path of the page of a new request."""
    answer = send(client, **changes)
    assert answer.status_code == 302, answer.content.decode()
    return answer["Location"].split("?")[0]


# --- the form -----------------------------------------------------------------------
def test_a_request_has_its_number_its_clock_its_link_and_its_receipt(client):
    path = opened(client)

    ticket = Ticket.objects.get()
    assert (ticket.right, ticket.regime, ticket.source) == ("access", "US-CA", "form")
    assert json.loads(ticket.requester.open())["email"] == "ada.writes@example.com"
    assert {row.kind for row in ticket.identifiers.all()} == {"phone", "email"}
    token = path.rsplit("/", 1)[1]
    assert links.find(token).ticket == ticket
    receipt = Notice.objects.get(kind=Notice.Kind.RECEIPT)
    assert path in receipt.text.open()
    assert str(ticket) in receipt.subject


def test_the_page_shows_the_number_and_the_last_day(client):
    page = client.get(opened(client) + "?done=asked").content.decode()

    ticket = Ticket.objects.get()
    assert str(ticket) in page
    assert f"{ticket.due_date:%Y}" in page
    assert "Keep this link" in page


def test_neither_the_secret_nor_what_was_typed_is_readable_in_the_tables(client):
    token = opened(client).rsplit("/", 1)[1]

    stored = str(list(Link.objects.values())) + str(list(Ticket.objects.values()))
    assert token not in stored
    assert "Ada" not in stored


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"rights": []}, "Choose at least one thing"),
        ({"rights": ["everything"]}, "everything"),
        ({"place": ""}, "Choose where the person lives."),
        ({"place": "US-XX"}, "US-XX"),
        ({"phone": "call me"}, "not a phone number"),
        ({"email": "ada at example"}, "not an e-mail address"),
        ({"phone": "", "email": ""}, "at least one phone number"),
        ({"more": "my dog"}, "We do not understand “my dog”"),
        ({"more": "+12025550143\n" * 11}, "Write at most 10 here"),
        ({"trap": "https://example.com"}, "must stay empty"),
        ({"reply": "nowhere"}, "valid email"),
    ],
)
def test_bad_input_is_said_beside_what_was_typed_and_opens_nothing(
    client, change, sentence
):
    answer = send(client, **change)

    page = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in page
    assert "All of it, please." in page
    assert not Ticket.objects.exists()
    assert not Identifier.objects.exists()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"<html>not a paper</html>", "Send PDF, JPEG, PNG or HEIC"),
        (b"", "empty"),
        (PDF + b"x" * uploads.MOST_BYTES, "larger than 10 MB"),
    ],
)
def test_a_file_is_judged_by_its_bytes(client, content, sentence):
    answer = send(client, documents=SimpleUploadedFile("paper.pdf", content))

    assert sentence in answer.content.decode()
    assert not Ticket.objects.exists()


def test_an_agent_sends_a_permission_which_is_sealed(client):
    opened(
        client,
        capacity="agent",
        acting_name="Ben Agent",
        acting_attorney="on",
        documents=[SimpleUploadedFile("Ada Sample.pdf", PDF)],
    )

    upload, acting = Upload.objects.get(), Representative.objects.get()
    assert upload.purpose == Upload.Purpose.AUTHORITY
    assert PDF not in bytes(upload.content)
    assert uploads.content(upload=upload, by="lena", now=NOW) == PDF
    assert acting.has_power_of_attorney
    assert json.loads(acting.details.open())["name"] == "Ben Agent"


@pytest.mark.parametrize(
    ("capacity", "paper", "has_code"),
    [
        ("self", "black out what we do not need, such as the picture", True),
        ("agent", "their signed permission", True),
        ("parent", "such as a birth certificate", False),
        ("executor", "the death certificate", False),
    ],
)
def test_who_acts_for_somebody_reads_which_paper_they_need_and_sends_it(
    client, capacity, paper, has_code
):
    path = opened(client, capacity=capacity, acting_name="Ben")
    page = client.get(path).content.decode()
    assert paper in page
    assert ("Send a code to" in page) == has_code

    file = SimpleUploadedFile("paper.pdf", PDF)
    client.post(path, {"do": "papers", "papers-documents": file})
    proof = Upload.Purpose.IDENTITY if capacity == "self" else Upload.Purpose.AUTHORITY
    assert Upload.objects.get().purpose == proof


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "Ask us about your data"),
        ("es", "Pregúntenos por sus datos"),
        ("fr", "Interrogez-nous sur vos données"),
        ("de", "Fragen Sie uns nach Ihren Daten"),
        ("pt-BR,pt;q=0.9", "Ask us about your data"),
        ("de-AT,en;q=0.5", "Fragen Sie uns nach Ihren Daten"),
    ],
)
def test_a_browser_is_answered_in_its_language(client, language, words):
    page = client.get(FORM, headers={"accept-language": language})

    assert words in page.content.decode()


def test_a_german_request_is_german_to_the_end(client):
    answer = client.post(f"{FORM}?lang=de", ASKED)
    page = client.get(answer["Location"].split("?")[0]).content.decode()

    assert "Ihre Anfrage" in page
    assert "Guten Tag" in Notice.objects.get().text.open()


@pytest.mark.parametrize(
    ("language", "states"),
    [
        ("en", ["California", "Oregon", "Virginia"]),
        ("es", ["California", "Nueva Jersey", "Oregón"]),
        ("fr", ["Californie", "Floride", "Virginie"]),
        ("de", ["Kalifornien", "Washington (Staat)"]),
    ],
)
def test_countries_come_first_then_states_by_the_names_of_the_reader(
    client, language, states
):
    page = client.get(f"{FORM}?lang={language}").content.decode()

    select = page[page.index('name="place"') :].split("</select>")[0]
    words = [
        languages.say(language, f"place.{code}") for code in ("EU-GDPR", "BR-LGPD")
    ]
    order = [*words, languages.say(language, "form.usa"), *states]
    order.append(languages.say(language, "place.unspecified"))
    places = [select.index(each) for each in order]
    assert places == sorted(places)


@pytest.mark.parametrize("path", ["/privacy", "/privacy/request"])
def test_a_slash_too_many_leads_to_the_page(client, path):
    answer = client.get(f"{path}/?lang=de")

    assert answer["Location"] == f"{path}?lang=de"
    assert client.get(answer["Location"]).status_code == 200


def test_the_page_after_sending_says_what_comes_next_and_how_to_reach_us(
    client, settings
):
    page = client.get(send(client)["Location"]).content.decode()

    box = page[page.index('class="done"') :].split("<h1>")[0]
    for words in (
        str(Ticket.objects.get()),
        languages.say("en", "sent.next"),
        "We will answer by",
        settings.DEFAULT_FROM_EMAIL,
    ):
        assert words in box


# --- loaded again, and in another language ------------------------------------------
def test_the_answer_can_be_loaded_again_and_read_in_another_language(client):
    there = send(client)["Location"]
    token = there.split("?")[0].rsplit("/", 1)[1]
    page = client.get(there).content.decode()
    spanish = re.search(r'href="(\?lang=es[^"]*)"', page)[1].replace("&amp;", "&")

    said = client.get(there.split("?")[0] + spanish).content.decode()

    assert "Keep this link" in client.get(there).content.decode()
    assert languages.say("es", "sent.keep") in said
    assert Ticket.objects.count() == 1
    assert there.replace(token, "") == f"{FORM}/?lang=en&done=asked"


def test_another_language_keeps_what_was_typed_and_opens_nothing(client):
    wrong = send(client, place="").content.decode()
    assert 'formaction="?lang=fr"' in wrong

    page = client.post(f"{FORM}?lang=fr", {**ASKED, "language": "fr"})

    assert page.status_code == 200
    assert "All of it, please." in page.content.decode()
    assert languages.say("fr", "form.title") in page.content.decode()
    assert not Ticket.objects.exists()


def test_an_unfinished_message_is_kept_in_another_language(client, path):
    typed = {"do": "write", "write-message": "Hello?", "language": "de"}

    page = client.post(f"{path}?lang=de", typed).content.decode()

    assert "Hello?" in page
    assert not Message.objects.exists()


def test_what_an_address_says_is_only_what_we_say(client, path):
    page = client.get(f"{path}?done=<b>&problem=form.title").content.decode()

    assert "&lt;b&gt;" not in page
    assert 'role="alert"' not in page


# --- no oracle ----------------------------------------------------------------------
def test_the_answer_is_the_same_whether_or_not_we_know_the_person(client):
    identifiers.keep(identifiers.phone(ADA), now=NOW)
    known = send(client)
    unknown = send(client, phone="(202) 555-0199", email="nobody@example.com")

    shown = [
        client.get(answer["Location"]).content.decode() for answer in (known, unknown)
    ]
    for ticket, token in zip(
        Ticket.objects.order_by("pk"), (known, unknown), strict=True
    ):
        place = 0 if token is known else 1
        secret = token["Location"].split("?")[0].rsplit("/", 1)[1]
        shown[place] = shown[place].replace(str(ticket), "R").replace(secret, "S")
    without_tokens = [page.split("csrfmiddlewaretoken")[0] for page in shown]
    assert known.status_code == unknown.status_code
    assert without_tokens[0] == without_tokens[1]


def test_an_answer_takes_as_long_as_the_house_says(client, settings):
    settings.PUBLIC_PAGE_SECONDS = 0.5
    began = time.monotonic()
    send(client)

    assert time.monotonic() - began >= 0.5


def test_too_many_tries_from_one_place_are_asked_to_wait(client):
    for _ in range(rate.rates()["open a request"].most):
        send(client, place="")

    answer = send(client)

    assert answer.status_code == 429
    assert "wait an hour" in answer.content.decode()
    assert not Ticket.objects.exists()


def test_a_forged_form_is_refused():
    strict = Client(enforce_csrf_checks=True)

    assert strict.post(FORM, ASKED).status_code == 403


def test_the_form_sets_no_cookie_but_the_one_against_forgery(client):
    client.get(FORM)

    assert set(client.cookies) == {"csrftoken"}


# --- twice: a double click, a page that was left open, the button back ---------------
def test_a_form_that_is_sent_twice_is_one_request(client):
    form = ASKED | {"csrfmiddlewaretoken": "a" * 64}
    first, again = client.post(FORM, form), client.post(FORM, form)
    other = client.post(FORM, form | {"csrfmiddlewaretoken": "b" * 64})
    changed = client.post(FORM, form | {"rights": ["erasure"]})

    assert first["Location"] == again["Location"]
    assert len({first["Location"], other["Location"], changed["Location"]}) == 3
    assert Ticket.objects.count() == 3
    assert Notice.objects.filter(kind=Notice.Kind.RECEIPT).count() == 3


def test_a_message_and_a_file_that_are_sent_twice_are_there_once(client, path):
    for _ in range(2):
        client.post(path, {"do": "write", "write-message": "Where is it?"})
        file = SimpleUploadedFile("id.pdf", PDF)
        client.post(path, {"do": "upload", "upload-documents": file})

    assert Message.objects.count() == Upload.objects.count() == 1
    client.post(path, {"do": "write", "write-message": "And where is it?"})
    client.post(path, {"do": "write", "write-message": "Where is it?"})
    assert Message.objects.count() == 3


# --- the page of a request ----------------------------------------------------------
@pytest.fixture
def path(client):
    return opened(client)


def test_a_wrong_address_opens_nothing(client, path):
    answer = client.get(path + "x")

    assert answer.status_code == 404
    assert "This link does not open anything" in answer.content.decode()


def test_an_ended_link_opens_nothing(client, path):
    Link.objects.update(ended_at=NOW)

    assert client.get(path).status_code == 404


def test_who_writes_more_than_is_read_is_asked_to_wait(client, path, monkeypatch):
    monkeypatch.setattr(messages, "MOST_UNREAD", 1)
    client.post(path, {"do": "write", "write-message": "Where is it?"})

    answer = client.post(path, {"do": "write", "write-message": "Are you there?"})

    assert answer.status_code == 422
    assert "We must first read" in answer.text
    assert "Are you there?" in answer.text


def test_messages_go_both_ways(client, path):
    client.post(path, {"do": "write", "write-message": "Is there news?"})
    ticket = Ticket.objects.get()
    messages.write(ticket=ticket, text="Not yet.", by="lena", now=NOW)
    page = client.get(path).content.decode()

    assert "Is there news?" in page
    assert "Not yet." in page
    ours = ticket.messages.get(side="us")
    assert ours.read_at is not None
    assert ticket.messages.get(side="person").read_at is None
    assert messages.read(ticket=ticket, by="lena", now=NOW) == 1


def test_an_empty_message_is_refused_in_words(client, path):
    answer = client.post(path, {"do": "write", "write-message": " "})

    assert "Write a message first." in answer.content.decode()
    assert not Ticket.objects.get().messages.exists()


def test_scripts_in_a_message_are_only_text(client, path):
    client.post(path, {"do": "write", "write-message": "<script>alert(1)</script>"})

    assert "<script>" not in client.get(path).content.decode()


def test_documents_can_be_sent_later(client, path):
    form = {"do": "upload", "upload-documents": SimpleUploadedFile("id.pdf", PDF)}
    client.post(path, form)
    nothing = client.post(path, {"do": "upload"})

    assert Upload.objects.get().media_type == "application/pdf"
    assert "Choose at least one file." in nothing.content.decode()


def test_the_page_reads_none_of_the_files_that_it_names(client, path):
    form = {"do": "upload", "upload-documents": SimpleUploadedFile("id.pdf", PDF)}
    client.post(path, form)
    with CaptureQueriesContext(connection) as asked:
        client.get(path)

    assert any('"dsr_upload"."digest"' in each["sql"] for each in asked)
    assert not any('"dsr_upload"."content"' in each["sql"] for each in asked)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("id.pdf", b"MZ not a paper", "PDF, JPEG"),
        ("id.pdf", b"", "empty"),
        ("id.pdf", PDF + b" " * uploads.MOST_BYTES, "10 MB"),
        ("<img>.svg", b"<svg onload=alert(1)>", "PDF, JPEG"),
    ],
)
@pytest.mark.parametrize("form", ["upload", "papers"])
def test_what_is_no_paper_is_refused_later_as_well(
    client, path, form, name, content, said
):
    file = SimpleUploadedFile(name, content, content_type="application/pdf")
    answer = client.post(path, {"do": form, f"{form}-documents": file})

    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not Upload.objects.exists()


@pytest.mark.parametrize("form", ["upload", "papers"])
def test_a_page_that_was_left_open_sends_nothing_to_a_closed_request(
    client, path, form
):
    client.post(path, {"do": "withdraw", "withdraw-withdraw_sure": "on"})
    file = SimpleUploadedFile("id.pdf", PDF)
    answer = client.post(path, {"do": form, f"{form}-documents": file})

    assert "is too late for that" in answer.content.decode().replace("&#x27;", "'")
    assert not Upload.objects.exists()


def test_a_request_can_be_withdrawn_by_who_is_sure(client, path):
    unsure = client.post(path, {"do": "withdraw"})
    assert "Tick the box" in unsure.content.decode()
    client.post(path, {"do": "withdraw", "withdraw-withdraw_sure": "on"})

    assert Ticket.objects.get().status == Ticket.Status.WITHDRAWN
    page = client.get(path).content.decode()
    assert "You have withdrawn it" in page
    assert ("We have your request" in page, "You have our answer" in page) == (
        True,
        False,
    )
    letter = Notice.objects.get(kind=Notice.Kind.WITHDRAWN).text.open()
    assert "Did you not ask for this?" in letter
    assert path in letter
    assert "Why:" not in letter
    again = client.post(path, {"do": "withdraw", "withdraw-withdraw_sure": "on"})
    assert "is too late for that" in again.content.decode().replace("&#x27;", "'")


def test_what_was_refused_is_not_said_to_be_done(client, path):
    ticket = Ticket.objects.get()
    requests.refuse(ticket=ticket, reason="No.", ground="UNFOUNDED", by="lena", now=NOW)

    page = client.get(path).content.decode()

    assert "You have our answer" in page
    assert "We look for the data and do what you asked" not in page


@pytest.mark.parametrize(
    ("regime", "says"),
    [
        ("EU-GDPR", "the data protection authority where you live"),
        ("US-VA", "the attorney general of your state"),
        ("US-CA", "cppa.ca.gov"),
    ],
)
def test_a_closed_request_says_who_else_hears_a_complaint(client, path, regime, says):
    ticket = Ticket.objects.get()
    Ticket.objects.update(regime=regime)
    tickets.withdraw(ticket=ticket, reason="Taken back.", by="lena", now=NOW)

    assert says in client.get(path).content.decode()


def test_there_is_no_appeal_before_an_answer(client, path):
    answer = client.post(path, {"do": "appeal", "appeal-appeal_reason": "No!"})

    assert answer.status_code == 422
    assert Ticket.objects.count() == 1


def test_an_unknown_wish_changes_nothing(client, path):
    assert client.post(path, {"do": "delete the portal"}).status_code == 200


# --- uploads ------------------------------------------------------------------------
def test_files_go_when_they_have_served(client, path):
    ticket = Ticket.objects.get()
    file = File("id.pdf", PDF, len(PDF))
    uploads.keep(ticket=ticket, files=[file], purpose="identity", now=NOW)

    gone = uploads.remove(ticket=ticket, purposes=["identity"], by="lena", now=NOW)

    upload = Upload.objects.get()
    assert (gone, upload.content, upload.name) == (1, None, None)
    with pytest.raises(uploads.Removed):
        uploads.content(upload=upload, by="lena", now=NOW)
    assert "deleted since" in client.get(path).content.decode()


def test_a_ticket_takes_only_so_many_files(client, path):
    ticket = Ticket.objects.get()
    said = {"ticket": ticket, "purpose": "other", "now": NOW}
    papers = [PDF + bytes([number]) for number in range(uploads.MOST_FOR_A_TICKET + 1)]
    files = [File("a.pdf", paper, len(paper)) for paper in papers]
    for start in range(0, uploads.MOST_FOR_A_TICKET, uploads.MOST_FILES):
        uploads.keep(files=files[start : start + uploads.MOST_FILES], **said)

    with pytest.raises(uploads.TooManyFiles):
        uploads.keep(files=files[-1:], **said)
    assert uploads.keep(files=files[:1], **said) == []  # it is there already


# --- rates --------------------------------------------------------------------------
def test_the_next_hour_counts_anew(now):
    for _ in range(rate.rates()["open a request"].most):
        rate.count("open a request", "192.0.2.1", now=now)
    with pytest.raises(rate.TooOften):
        rate.count("open a request", "192.0.2.1", now=now)

    rate.count("open a request", "192.0.2.2", now=now)
    rate.count("open a request", "192.0.2.1", now=now + dt.timedelta(hours=1))


# --- Global Privacy Control ---------------------------------------------------------
GPC = {"sec-gpc": "1"}


def test_the_signal_on_the_empty_form_is_counted_for_nobody(client):
    page = client.get(FORM, headers=GPC)

    assert 'id="gpc"' in page.content.decode()
    assert SignalDay.objects.get().times == 1
    assert not Objection.objects.exists()


def test_the_signal_on_the_page_of_a_request_forbids_sale_of_who_asks(client):
    path = opened(client)

    pages = [client.get(path, headers=GPC) for _ in range(2)]

    assert 'id="gpc"' in pages[-1].content.decode()
    said = Objection.objects.values_list("identifier__kind", "use")
    assert sorted(said) == [
        ("email", "sale"),
        ("email", "targeted_ads"),
        ("phone", "sale"),
        ("phone", "targeted_ads"),
    ]


def test_the_browser_of_a_representative_forbids_nothing_for_the_person(client):
    path = opened(
        client,
        capacity="agent",
        acting_name="Ben Agent",
        acting_attorney="on",
        documents=[SimpleUploadedFile("permission.pdf", PDF)],
    )

    client.get(path, headers=GPC)

    assert not Objection.objects.exists()
    assert SignalDay.objects.get().times == 1


def test_without_the_signal_the_pages_say_and_forbid_nothing(client):
    page = client.get(opened(client))

    assert 'id="gpc"' not in page.content.decode()
    assert not Objection.objects.exists()
