"""/api/v1/requests: handed in once, followed, and news sent when something changes."""

import http.server
import json
import threading

import pytest
from django.utils import timezone

from dsr import receipts, requests, uploads
from dsr.models import Exchange, Notice, Ticket, Upload
from dsr.protocols import telling
from privacy import apikeys, promises
from privacy.models import ApiKey, AuditEvent, Disclosure, Provider
from privacy.providers import gate
from tests.dsr.factories import LENA

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7 a permission"
WHERE = "/api/v1/requests"
ASKED = {
    "rights": ["opt_out_sale", "access"],
    "regime": "US-CA",
    "phones": ["(202) 555-0143"],
}


def key(*scopes, name="crm"):
    return apikeys.create(name=name, scopes=scopes, by=LENA, now=timezone.now())


@pytest.fixture
def partner(client):
    own = key("requests:write")

    def ask(method, path="", document=None, held=own, **more):
        said = {"HTTP_AUTHORIZATION": f"Bearer {held}"} | more
        body = json.dumps(document) if document is not None else ""
        return client.generic(
            method, WHERE + path, body, content_type="application/json", **said
        )

    def send(number, content, held=own):
        return client.generic(
            "POST",
            f"{WHERE}/{number}/files",
            content,
            content_type="application/pdf",
            HTTP_AUTHORIZATION=f"Bearer {held}",
        )

    ask.send = send
    return ask


def test_each_right_is_a_ticket_and_the_answer_says_where_it_stands(partner):
    made = partner("POST", document=ASKED)
    body = made.json()
    seen = partner("GET", f"/{body['id']}").json()
    by_reference = partner("GET", f"/{body['tickets'][1]['id']}").json()

    assert made.status_code == 201
    assert made.headers["Location"] == f"{WHERE}/{body['id']}"
    assert [t["right"] for t in body["tickets"]] == ASKED["rights"]
    assert "11 CCR" in body["tickets"][0]["arithmetic"]
    assert seen == body | {"is_new": False} == by_reference


def test_the_letters_are_in_the_language_that_they_read(partner):
    partner("POST", document=ASKED | {"language": "de", "reply_to": "ada@example.com"})
    receipts.write_waiting(now=timezone.now())

    assert "Anfrage" in Notice.objects.get().text.open()
    wrong = partner("POST", document=ASKED | {"language": "xx"})
    assert (wrong.status_code, "language" in str(wrong.json())) == (400, True)


@pytest.mark.parametrize(
    ("more", "purpose"),
    [({}, "other"), ({"acting": {"capacity": "agent"}}, "authority")],
)
def test_a_file_is_added_once(partner, client, more, purpose):
    number = partner("POST", document=ASKED | more).json()["id"]

    kept = [partner.send(number, PDF) for _ in range(2)]

    row = Upload.objects.get()
    assert [answer.status_code for answer in kept] == [201, 201]
    assert kept[1].json()["id"] == row.pk
    assert (row.purpose, row.media_type) == (purpose, "application/pdf")
    assert row.uploaded_by == "apikey:crm"


@pytest.mark.parametrize(
    "content", [b"", b"MZ a program", PDF.ljust(uploads.MOST_BYTES + 1)]
)
def test_what_is_no_paper_is_refused_with_the_reason(partner, content):
    number = partner("POST", document=ASKED).json()["id"]

    answer = partner.send(number, content)

    assert 400 <= answer.status_code < 500
    assert "file" in answer.json()["detail"].lower()
    assert not Upload.objects.exists()


def test_nobody_adds_a_file_to_the_request_of_another(partner):
    number = partner("POST", document=ASKED).json()["id"]
    other = key("requests:write", name="other")

    assert partner.send(number, PDF, held=other).status_code == 404


def test_a_field_that_nobody_reads_is_refused_by_its_name(partner):
    answer = partner("POST", document=ASKED | {"phone": "(202) 555-0143"}).json()

    assert [each["field"] for each in answer["errors"]] == ["phone"]
    assert "phones" in answer["detail"]


def test_the_same_key_opens_nothing_twice(partner):
    said = {"HTTP_IDEMPOTENCY_KEY": "crm-7"}
    first = partner("POST", document=ASKED, **said)
    again = partner("POST", document=ASKED, **said)
    other = partner("POST", document={**ASKED, "rights": ["access"]}, **said)

    assert (first.status_code, again.status_code, other.status_code) == (201, 200, 400)
    assert first.json()["id"] == again.json()["id"]
    assert Ticket.objects.count() == 2


@pytest.mark.parametrize(
    "changed",
    [
        {"rights": []},
        {"rights": ["teleportation"]},
        {"rights": "access"},
        {"regime": "MARS"},
        {"phones": ["call me"]},
        {"phones": []},
        {"emails": ["nobody"]},
        {"received_at": "2099-01-01T00:00:00Z"},
        {"received_at": "yesterday"},
        {"callback": "ftp://x.example"},
        {"phone": "(202) 555-0143"},
    ],
)
def test_what_is_wrong_is_a_problem_and_opens_nothing(partner, changed):
    answer = partner("POST", document=ASKED | changed)

    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["detail"]
    assert not Ticket.objects.exists()


def test_a_key_without_the_scope_is_refused(partner):
    held = key("consent:check", name="other")
    assert partner("POST", document=ASKED, held=held).status_code == 403


def test_a_partner_sees_only_what_it_handed_in(partner):
    body = partner("POST", document=ASKED).json()
    held = key("requests:write", name="other")

    assert partner("GET", f"/{body['id']}", held=held).status_code == 404
    assert partner("GET", f"/{body['tickets'][0]['id']}", held=held).status_code == 404
    assert partner("GET", "/x").status_code == 404


def test_a_verified_person_needs_no_other_proof(partner):
    partner("POST", document=ASKED | {"verified": True})

    assert all(ticket.decisions.get().accepted for ticket in Ticket.objects.all())


def test_the_schema_says_how(client):
    answer = client.get("/api/schema?format=json")

    paths = answer.json()["paths"]
    assert answer.status_code == 200
    assert {WHERE, f"{WHERE}/{{number}}"} <= set(paths)
    assert "201" in paths[WHERE]["post"]["responses"]


# --- news -----------------------------------------------------------------------
@pytest.fixture
def listener():
    """A server of the partner's that keeps what it is told; `status` is its answer."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            length = int(self.headers["Content-Length"])
            server.heard.append((dict(self.headers), self.rfile.read(length)))
            self.send_response(server.status)
            self.send_header("Location", "http://127.0.0.1:1/")
            self.end_headers()

        def log_message(self, *_):
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    server.heard, server.status = [], 200
    server.url = f"http://127.0.0.1:{server.server_port}/news"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_news_come_once_for_each_change(partner, listener):
    partner("POST", document={**ASKED, "callback": listener.url})

    assert telling.tell_all(now=timezone.now()) == 1
    assert telling.tell_all(now=timezone.now()) == 0
    ticket = Ticket.objects.get(right="opt_out_sale")
    requests.fulfil(ticket=ticket, clock=timezone.now)
    assert telling.tell_all(now=timezone.now()) == 1

    said = [json.loads(body)["tickets"][0]["status"] for _, body in listener.heard]
    assert said == ["received", "answered"]


def test_a_recipient_that_gets_nothing_any_more_hears_no_news(partner, listener):
    partner("POST", document={**ASKED, "callback": listener.url})
    name = Exchange.objects.get().partner
    recipient = Provider.objects.create(name=name, way="task", owner="lena")
    recipient.is_active = False
    recipient.save()

    assert telling.tell_all(now=timezone.now()) == 0
    assert listener.heard == []

    recipient.is_active = True
    recipient.save()
    assert telling.tell_all(now=timezone.now()) == 1


def test_who_is_a_recipient_is_told_each_state_once_by_the_gate(partner, listener):
    recipient = Provider.objects.create(name="Example Relay", way="task", owner="lena")
    ApiKey.objects.filter(name="crm").update(recipient=recipient)
    number = partner("POST", document={**ASKED, "callback": listener.url}).json()["id"]
    given = Disclosure.objects.filter(provider=recipient, what=gate.DUTY)

    assert partner("GET", f"/{number}").status_code == 200
    assert telling.tell_all(now=timezone.now()) == 1
    assert given.count() == 1  # looked at twice and sent once, and nothing new in it
    requests.fulfil(ticket=Ticket.objects.get(right="opt_out_sale"), clock=timezone.now)
    telling.tell_all(now=timezone.now())
    partner("GET", f"/{number}")
    assert given.count() == 2
    found = promises.run(code="disclose-necessary", now=timezone.now())
    assert [check.state for check in found] == ["kept"]

    Provider.objects.update(is_active=False)
    refused = partner("GET", f"/{number}")
    assert refused.status_code == 403
    assert "no longer gets anything" in refused.json()["detail"]
    again = partner("POST", document=ASKED)
    assert again.status_code == 403
    assert "can ask us directly" in again.json()["detail"]
    assert Ticket.objects.count() == 2  # what is refused is not taken either


def test_another_system_is_told_each_state_once_on_the_trail(partner, listener):
    number = partner("POST", document={**ASKED, "callback": listener.url}).json()["id"]
    partner("GET", f"/{number}")
    telling.tell_all(now=timezone.now())

    assert AuditEvent.objects.filter(action="request.told").count() == 1
    assert not Disclosure.objects.exists()


@pytest.mark.parametrize("status", [302, 404, 500])
def test_news_that_were_not_taken_are_sent_again_later(partner, listener, status):
    partner("POST", document={**ASKED, "callback": listener.url})
    listener.status = status
    now = timezone.now()

    assert telling.tell_all(now=now) == 0
    assert telling.tell_all(now=now) == 0  # not before a while
    assert len(listener.heard) == 1
    listener.status = 204
    assert telling.tell_all(now=now + telling.STEP * 3) == 1


def test_a_partner_that_never_listens_is_left_in_peace(partner, listener):
    partner("POST", document={**ASKED, "callback": listener.url})
    Exchange.objects.update(failures=telling.MOST_FAILURES)

    assert telling.tell_all(now=timezone.now()) == 0
    assert listener.heard == []
