"""Other systems are told of every change: signed, tried again, each once."""

import base64
import datetime as dt
import hashlib
import hmac
import json
import socket
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from django.db import IntegrityError

from consent import (
    dealings,
    endpoints,
    listings,
    review,
    standings,
    telling,
    transfer,
)
from consent.models import Delivery, Endpoint, InboundMessage
from privacy import holds, identifiers, objections
from privacy.models import AuditEvent, Disclosure, Hold
from privacy.outgoing import NotAnAddress
from privacy.providers import gate
from tests.consent.factories import ACME, ADA, contracted, later, sent, told, told_at
from tests.privacy.factories import LENA, PIA, signed_in, staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def receiver():
    """Another system on this machine; `answers` are the statuses it will give."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            server.got.append((dict(self.headers.items()), body))
            self.send_response(server.answers.pop(0) if server.answers else 200)
            self.send_header("Location", "http://127.0.0.1:1/elsewhere")
            self.end_headers()

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    server.got, server.answers = [], []
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def secret(receiver, now):
    url = f"http://127.0.0.1:{receiver.server_port}/hook"
    contracted("Crm Inc.", now)
    return told_at(url, now, recipient="Crm Inc.")


def is_signed_with(secret, headers, body):
    heads = {name.lower(): value for name, value in headers.items()}
    content = f"{heads['webhook-id']}.{heads['webhook-timestamp']}.".encode() + body
    key = base64.b64decode(secret.removeprefix("whsec_"))
    made = base64.b64encode(hmac.digest(key, content, hashlib.sha256)).decode()
    return f"v1,{made}" in heads["webhook-signature"].split()


def test_a_change_is_told_once_and_signed(secret, receiver, now):
    told("opt_out", now, organization=ACME)

    assert telling.deliver(now=now) == 1
    assert telling.deliver(now=later(now, days=1)) == 0

    ((headers, body),) = receiver.got
    said = json.loads(body)
    assert said["type"] == "consent.changed"
    assert (said["data"]["address"], said["data"]["kind"]) == (ADA, "opt_out")
    assert is_signed_with(secret, headers, body)
    assert Delivery.objects.get().state == "taken"


def test_whose_number_it_is_leaves_by_the_gate_alone(secret, receiver, now):
    """As one disclosure for all that go at once; not once the contract has ended."""
    told("opt_out", now)
    told("opt_out", now, number="+12025550118")
    telling.deliver(now=now)

    entry = Disclosure.objects.get()
    assert (entry.people, entry.purpose_id) == (2, "compliance")
    assert entry.provider.name == "Crm Inc."

    entry.provider.is_active = False
    entry.provider.save()
    told("opt_in", later(now, hours=1))
    telling.deliver(now=later(now, hours=1))

    said = json.loads(receiver.got[-1][1])["data"]
    assert (said["address"], said["kind"]) == (None, "opt_in")
    assert ADA not in receiver.got[-1][1].decode()
    assert Disclosure.objects.count() == 1


def test_an_endpoint_of_nobody_is_told_no_number(receiver, now):
    url = f"http://127.0.0.1:{receiver.server_port}/hook"
    with pytest.raises(gate.Refused):
        endpoints.create(name="x", url=url, recipient="Nobody", by="pia", now=now)
    told_at(url, now)
    told("opt_out", now)

    assert telling.deliver(now=now) == 1

    assert json.loads(receiver.got[0][1])["data"]["address"] is None


def test_what_is_refused_is_tried_again_ever_later_and_given_up(secret, receiver, now):
    receiver.answers = [500] * 9
    told("opt_out", now)
    at, waits = now, []
    while Delivery.objects.get().state == "waiting":
        telling.deliver(now=at)
        row = Delivery.objects.get()
        waits.append((row.next_at - at).total_seconds())
        at = row.next_at

    assert waits[:-1] == list(telling.WAITS)
    row = Delivery.objects.get()
    assert (row.state, row.attempts, row.last_status) == ("given_up", 9, 500)
    ids = {headers.get("Webhook-Id") for headers, _ in receiver.got}
    assert len(ids) == 1

    telling.again(delivery=row, by="pia", now=at)
    assert telling.deliver(now=at) == 1


@pytest.fixture
def dead(receiver, now):
    """An endpoint that hangs up on whoever comes first, beside one that is alive."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        closing = threading.Thread(target=lambda: server.accept()[0].close())
        closing.start()
        for name, port in (("dead", server.getsockname()[1]),
                           ("alive", receiver.server_port)):  # fmt: skip
            url = f"http://127.0.0.1:{port}/"
            told_at(url, now, name=name)
        for hours in range(3):
            told("opt_out", later(now, hours=hours))
        yield server
        closing.join(5)
        server.settimeout(0)
        with pytest.raises(BlockingIOError):  # nobody came twice
            server.accept()


def test_nobody_waits_twice_for_an_endpoint_that_does_not_answer(dead, now):
    assert telling.deliver(now=later(now, hours=3)) == 3

    failed = Delivery.objects.filter(endpoint__name="dead")
    assert [(row.attempts, row.last_status) for row in failed] == [(1, 0)] * 3


def test_an_endpoint_that_does_not_answer_holds_up_no_other(dead, now, monkeypatch):
    monkeypatch.setattr(telling, "AT_ONCE", 1)

    told_now = [telling.deliver(now=later(now, hours=3)) for _ in range(5)]
    assert told_now == [0, 1, 1, 1, 0]


def test_a_redirect_is_not_followed(secret, receiver, now):
    receiver.answers = [302]
    told("opt_out", now)

    assert telling.deliver(now=now) == 0
    assert Delivery.objects.get().last_status == 302


def test_while_a_secret_is_rotated_both_sign(secret, receiver, now):
    endpoint = Endpoint.objects.get()
    new = endpoints.rotate(endpoint=endpoint, by="pia", now=now)
    told("opt_out", now)
    telling.deliver(now=now)
    headers, body = receiver.got[-1]
    assert is_signed_with(secret, headers, body)
    assert is_signed_with(new, headers, body)

    endpoints.end_rotation(endpoint=endpoint, by="pia", now=now)
    told("opt_in", later(now, hours=1))
    telling.deliver(now=later(now, hours=1))
    headers, body = receiver.got[-1]
    assert not is_signed_with(secret, headers, body)
    assert is_signed_with(new, headers, body)


def test_an_event_that_is_rolled_back_is_told_to_nobody(secret, now):
    event = told("opt_out", now, idempotency_key="k")
    told("opt_out", now, idempotency_key="k")

    assert [row.event_id for row in Delivery.objects.all()] == [event.pk]


def test_events_of_a_list_are_told_too(secret, receiver, now, tmp_path):
    file = tmp_path / "list.csv"
    file.write_text("phone\n+12025550118\n+12025550119\n")
    transfer.take_in(
        path=file,
        results=tmp_path / "results.csv",
        options=transfer.Options(kind="opt_out"),
        by="pia",
        clock=lambda: now,
        progress=lambda _: None,
    )

    assert telling.deliver(now=now) == 2


def test_a_worker_that_died_leaves_its_rows_to_the_next(secret, receiver, now):
    told("opt_out", now)
    telling._claimed(now)

    assert telling.deliver(now=later(now, seconds=30)) == 0
    assert telling.deliver(now=now + telling.LEASE + dt.timedelta(seconds=1)) == 1


def test_of_an_erased_person_no_number_is_told(secret, receiver, now):
    event = told("opt_out", now)
    identifiers.forget(identifier=event.identifier, by="lena", now=now)
    telling.deliver(now=now)

    assert json.loads(receiver.got[0][1])["data"]["address"] is None


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/x",
        "https://localhost/x",
        "https://[::1]/x",
        "https://0x7f000001/x",
        "http://127.0.0.1/x",
        "file:///etc/passwd",
        "https://",
    ],
)
def test_no_address_of_our_own_network_is_taken(url, settings, now):
    settings.SECURE = True

    with pytest.raises(NotAnAddress):
        endpoints.create(name="crm", url=url, by="pia", now=now)

    assert not Endpoint.objects.exists()


def test_an_address_that_turned_private_is_not_called(secret, receiver, settings, now):
    told("opt_out", now)
    settings.SECURE = True

    assert telling.deliver(now=now) == 0
    assert receiver.got == []


# --- a second person --------------------------------------------------------------
@pytest.fixture
def unagreed(receiver, now):
    url = f"http://127.0.0.1:{receiver.server_port}/hook"
    endpoints.create(name="crm", url=url, by="pia", now=now)
    return endpoints.waiting().get()


def test_nothing_is_told_until_a_second_person_agrees(unagreed, receiver, now):
    told("opt_out", now)
    with pytest.raises(endpoints.SamePerson):
        endpoints.agree(endpoint=unagreed, by="pia", now=now)
    assert telling.deliver(now=later(now, days=1)) == 0

    endpoints.agree(endpoint=unagreed, by="max", now=now)
    told("opt_in", later(now, hours=1))

    assert telling.deliver(now=later(now, hours=1)) == 1
    assert json.loads(receiver.got[0][1])["data"]["kind"] == "opt_in"
    with pytest.raises(endpoints.NobodyAsked):
        endpoints.agree(endpoint=unagreed, by="max", now=now)
    said = AuditEvent.objects.get(action="endpoint.agreed")
    assert (said.by, json.loads(said.payload)["details"]["asked_by"]) == (
        "max",
        "pia",
    )


def test_what_was_switched_off_needs_two_people_again(secret, receiver, now):
    row = Endpoint.objects.get()
    endpoints.switch_off(endpoint=row, by="pia", now=now)
    endpoints.switch_on(endpoint=row, by="max", now=now)
    told("opt_out", now)
    with pytest.raises(endpoints.SamePerson):
        endpoints.agree(endpoint=row, by="max", now=now)
    assert not Delivery.objects.exists()

    endpoints.agree(endpoint=row, by="pia", now=now)
    told("opt_in", later(now, hours=1))

    assert telling.deliver(now=later(now, hours=1)) == 1


def test_the_database_insists_on_two_people(unagreed):
    with pytest.raises(IntegrityError, match="consent_endpoint_two_people"):
        Endpoint.objects.update(is_active=True)


def test_the_engineer_who_asked_is_refused_and_legal_agrees(unagreed):
    agree = f"/admin/consent/endpoint/{unagreed.pk}/agree/"
    Endpoint.objects.update(asked_by=staff(PIA).username)

    refused = signed_in(PIA).post(agree, follow=True).content.decode()
    assert "a second person must agree" in refused
    assert not Endpoint.objects.get().is_active
    lena = signed_in(LENA)
    assert (
        "Check and agree: endpoints that somebody asked for" in lena.get("/admin/").text
    )
    lena.post(agree)

    assert Endpoint.objects.get().is_active


# --- the pages --------------------------------------------------------------------
def test_the_secret_is_shown_once_and_each_step_recorded(superuser, receiver, now):
    url = f"http://127.0.0.1:{receiver.server_port}/hook"
    made = superuser.post(
        "/admin/consent/endpoint/create/", {"name": "crm", "url": url}
    ).content.decode()
    row = Endpoint.objects.get()
    assert row.secret.open() in made
    shown = superuser.get(f"/admin/consent/endpoint/{row.pk}/change/").content.decode()
    assert "whsec_" not in shown

    superuser.post(f"/admin/consent/endpoint/{row.pk}/rotate/")
    superuser.post(f"/admin/consent/endpoint/{row.pk}/end_rotation/")
    superuser.post(f"/admin/consent/endpoint/{row.pk}/switch_off/")
    told("opt_out", now)
    assert not Delivery.objects.exists()

    done = AuditEvent.objects.filter(subject=f"endpoint:{row.pk}")
    assert [each.action for each in done.order_by("sequence")] == [
        "endpoint.created",
        "endpoint.rotated",
        "endpoint.rotation_ended",
        "endpoint.switched_off",
    ]


def test_a_delivery_is_seen_and_tried_again(superuser, secret, now):
    told("opt_out", now)
    row = Delivery.objects.get()
    Delivery.objects.update(state="given_up")

    assert superuser.get("/admin/consent/delivery/").status_code == 200
    superuser.post(f"/admin/consent/delivery/{row.pk}/again/")

    assert Delivery.objects.get().state == "waiting"


def test_support_may_not(support):
    assert support.get("/admin/consent/endpoint/create/").status_code == 403


# --- what is no event of the ledger -------------------------------------------------
def heard(receiver, at):
    """What the other system got since it was asked last: types and facts."""
    telling.deliver(now=at)
    said = [json.loads(body) for _, body in receiver.got]
    receiver.got.clear()
    return [(each["type"], each["data"]) for each in said]


def test_who_is_left_alone_and_whose_number_it_was_is_told(secret, receiver, now):
    mark = identifiers.phone(ADA)
    facts = {"mark": mark, "by": "sam", "now": now}
    row = listings.request(source="letter of Ada", asked_at=now, **facts)
    listings.put(name="reassigned", listed_at=now, source="answers.csv", **facts)

    (first, asked), (_, lost) = heard(receiver, now)

    assert (first, asked["list"], asked["address"]) == (
        "list.changed",
        "requested",
        ADA,
    )
    assert asked["until"] == row.ends_at.isoformat()
    assert "Ada" not in str(asked)  # how they asked is ours
    assert (lost["list"], lost["until"]) == ("reassigned", None)


def taken(tmp_path, now, text="phone\n" + ADA + "\n", **options):
    path = tmp_path / "list.csv"
    path.write_text(text)
    transfer.take_in(
        path=path,
        results=tmp_path / "results.csv",
        options=transfer.Options(**options),
        by="sam",
        clock=lambda: now,
    )


def test_a_list_of_ours_is_told_by_number_a_registry_by_its_counts(
    secret, receiver, now, tmp_path
):
    taken(tmp_path, now, listing="requested")
    ((type_, said),) = heard(receiver, now)
    assert (type_, said["list"], said["address"]) == ("list.changed", "requested", ADA)

    taken(tmp_path, now, listing="do_not_call", whole="FTC 202")
    ((type_, said),) = heard(receiver, now)
    assert type_ == "registry.copied"
    assert (said["name"], said["listed"], said["ended"]) == ("FTC 202", 1, 0)
    assert "address" not in said

    day = later(now, days=1)
    two = f"phone\n{ADA}\n+12025550118\n"
    taken(tmp_path, day, two, listing="state")
    assert [type_ for type_, _ in heard(receiver, day)] == ["registry.copied"]


def test_a_message_held_and_let_go_is_told(secret, receiver, now):
    sent("Don't stop, I love these", now)
    ((type_, said),) = heard(receiver, now)
    assert (type_, said["held"], said["address"]) == ("review.changed", True, ADA)
    assert "love" not in str(said)

    review.set_aside(row=InboundMessage.objects.get(), by="sam", now=now)
    assert heard(receiver, now)[0][1]["held"] is False


def test_a_restriction_is_told_once_with_whose_it_is_and_nothing_else_of_them(
    secret, receiver, now
):
    ada = identifiers.keep(identifiers.phone(ADA), now=now)
    kind = Hold.Kind.RESTRICTION
    facts = {"tables": [], "by": "lena", "now": now}
    hold = holds.place(matter="ticket 7", identifiers=[ada], kind=kind, **facts)
    holds.place(matter="a court", identifiers=[ada], **facts)

    ((type_, said),) = heard(receiver, now)
    assert (type_, said["restricted"]) == ("restriction.changed", True)
    assert said["address"] == ADA
    assert Disclosure.objects.get().what == gate.DUTY
    assert heard(receiver, now) == []
    told("opt_out", now)
    assert heard(receiver, now)[0][1]["address"] is None

    holds.release(hold=hold, by="lena", now=later(now, days=1), told_at=now)
    ((_, said),) = heard(receiver, later(now, days=1))
    assert (said["restricted"], said["address"]) == (False, ADA)


def test_a_use_that_a_person_forbade_is_told_once_and_that_they_allow_it(
    secret, receiver, now
):
    ada = identifiers.keep(identifiers.phone(ADA), now=now)
    facts = {"because": "ticket 7", "by": "lena", "now": now}
    (row,) = objections.record(identifiers=[ada], use="sale", since=now, **facts)

    ((type_, said),) = heard(receiver, now)
    assert (type_, said["use"], said["forbidden"]) == (
        "objection.changed",
        "sale",
        True,
    )
    assert (said["address"], said["since"]) == (ADA, now.isoformat())
    assert "ticket" not in str(said)
    assert heard(receiver, now) == []

    facts["now"] = later(now, days=1)
    objections.lift(objection=row, **facts)
    ((_, said),) = heard(receiver, facts["now"])
    assert (said["forbidden"], said["since"]) == (False, facts["now"].isoformat())


def test_what_implies_consent_is_told_once(secret, receiver, now, tmp_path):
    number = "+14165550142"
    facts = {"organization": ACME, "kind": "inquiry", "by": "sam", "now": now}
    facts |= {"mark": identifiers.phone(number), "source": "T-9", "happened_at": now}
    for _ in range(2):
        dealings.record(**facts)
    text = f"Phone,Order number,Date\n{number},A-1,2026-02-24\n"
    for _ in range(2):
        taken(tmp_path, now, text, dealing="purchase", organization=ACME)

    (one, asked), (two, bought) = heard(receiver, now)
    assert one == two == "dealing.recorded"
    assert (asked["kind"], bought["kind"]) == ("inquiry", "purchase")
    assert asked["address"] == bought["address"] == number
    assert asked["until"] == "2027-05-25T00:00:00+00:00"
    assert dt.datetime.fromisoformat(bought["until"]).date() == dt.date(2028, 2, 25)
    assert "T-9" not in str(asked)


def test_that_all_states_were_derived_by_other_rules_is_told(secret, receiver, now):
    told("opt_out", now)
    heard(receiver, now)

    standings.rebuild(by="lena", now=now)

    ((type_, said),) = heard(receiver, now)
    assert (type_, said["rows"]) == ("standings.derived", 3)
    assert "address" not in said


def test_only_an_event_is_told_as_one(secret, now):
    with pytest.raises(IntegrityError, match="consent_delivery_of_an_event"):
        Delivery.objects.create(endpoint=Endpoint.objects.get(), next_at=now)
