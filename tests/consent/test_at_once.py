"""Many carriers at once, in any order and more than once: one history, one state."""

import datetime as dt
import http.client
import random
import secrets
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from types import SimpleNamespace
from typing import NamedTuple
from urllib.parse import urlsplit

import pytest
from django.core.cache import cache
from django.db import connection, transaction
from django.utils import timezone

from consent import inbox, ledger, standings, webhooks
from consent.carriers import CARRIERS, aws, plivo
from consent.carriers.base import Message
from consent.models import Event, InboundMessage, Standing
from privacy import audit, identifiers
from privacy.models import Identifier
from privacy.sql import prepared
from tests.consent import signing
from tests.consent.factories import ADA, ProgramFactory

pytestmark = pytest.mark.django_db(transaction=True)
WAITING = "SELECT FROM pg_locks WHERE NOT granted"


def test_who_has_the_lock_never_waits_for_somebody_who_waits_for_it(now):
    mark = identifiers.phone(ADA)

    def keep():
        with transaction.atomic():
            identifiers.keep(mark, now=now)
            ledger.lock()
        connection.close()

    other = threading.Thread(target=keep)
    with transaction.atomic():
        ledger.lock()
        other.start()
        while not prepared.rows(WAITING, {}):
            pass
        identifiers.keep(mark, now=now)
    other.join()

    assert Identifier.objects.count() == 1


# --- a thousand deliveries ------------------------------------------------------
PEOPLE, MESSAGES, DELIVERIES, LINES = 20, 700, 1000, 8
TEXTS = ["STOP", "Stop!", "STOP ALL", "START", "UNSTOP", "HELP", "see you at eight"]


@pytest.fixture
def seed():
    found = secrets.randbelow(10**6)
    print(f"seed {found}")  # shown when the test fails
    return found


@pytest.fixture
def portal(settings, monkeypatch, live_server, known_keywords):
    """A server whose clock ticks four times a second, so that much is said at once."""
    settings.PUBLIC_URL = live_server.url
    settings.CARRIER_SECRETS = {
        name: [secret] for name, secret, _ in signing.SECRETS.values()
    }
    local = "django.core.cache.backends.locmem.LocMemCache"
    settings.CACHES = {"default": {"BACKEND": local, "LOCATION": "at once"}}
    cache.clear()  # of a certificate that another test had made
    made = signing.certificate(timezone.now())
    monkeypatch.setattr(aws, "fetch", lambda address: made)
    monkeypatch.setattr(webhooks, "timezone", SimpleNamespace(now=quarter))
    return live_server


def quarter():
    now = timezone.now()
    return now.replace(microsecond=now.microsecond // 250_000 * 250_000)


class Said(NamedTuple):
    number: int
    carrier: str
    text: str
    person: int
    written: dt.datetime | None = None


def number_of(person, area=202):
    return f"+1{area}55501{person:02}"


def deliver(portal, said):
    path = f"/webhooks/{said.carrier}"
    body, kind, headers = signing.request(
        said.carrier,
        at=timezone.now(),
        url=portal.url + path,
        text=said.text,
        number=said.number,
        sender=number_of(said.person),
        written=said.written,
    )
    line = http.client.HTTPConnection(urlsplit(portal.url).netloc)
    line.request("POST", path, body, {**headers, "Content-Type": kind})
    status = line.getresponse().status
    line.close()
    return status


def standing_of(person, area=202):
    mark = identifiers.phone(number_of(person, area))
    rows = Standing.objects.filter(identifier=identifiers.find(mark))
    fields = ("channel", "organization", "state", "since", "renewed_at")
    return sorted(rows.values_list(*fields))


def told_again_in_order(rng):
    """The history as it was recorded, told to a ledger that knows nothing of it: by as
    many people as there were, who were never heard of. At one instant in any order."""
    rows = list(InboundMessage.objects.select_related("identifier").order_by("pk"))
    written = dict(Event.objects.values_list("idempotency_key", "occurred_at"))
    rng.shuffle(rows)
    for row in sorted(rows, key=lambda row: row.received_at):
        sender = row.identifier.value.open().replace("+1202", "+1312")
        message = Message(
            carrier=row.carrier,
            carrier_message_id=f"again {row.pk}",
            sender=sender,
            recipient=row.our_number,
            text=row.body.open(),
            may_be_late=plivo.RETRIES if row.carrier == "plivo" else dt.timedelta(0),
            written_at=written.get(f"{row.carrier}:{row.carrier_message_id}"),
        )
        inbox.receive(message=message, now=row.received_at)


def last_said(person):
    """The last word on texts, at one instant the STOP: by hand."""
    events = Event.objects.filter(
        identifier=identifiers.find(identifiers.phone(number_of(person))),
        kind__in=["opt_in", "opt_out"],
    )
    return max(events, key=lambda event: (event.occurred_at, event.kind == "opt_out"))


def test_a_thousand_deliveries_leave_what_their_history_implies(portal, seed, now):
    rng = random.Random(seed)
    ProgramFactory()
    history = [
        Said(n, rng.choice(list(CARRIERS)), rng.choice(TEXTS), rng.randrange(PEOPLE))
        for n in range(MESSAGES)
    ]
    repeats = rng.choices(history, k=DELIVERIES - MESSAGES)
    deliveries = rng.sample(history + repeats, k=DELIVERIES)

    with ThreadPoolExecutor(LINES) as pool:
        answers = set(pool.map(partial(deliver, portal), deliveries))

    assert answers == {200}
    # a START that Plivo may bring again, after a STOP, waits for a person
    acted = InboundMessage.objects.exclude(meaning__in=["none", "ambiguous"]).count()
    assert (InboundMessage.objects.count(), Event.objects.count()) == (MESSAGES, acted)
    before = [standing_of(person) for person in range(PEOPLE)]
    told_again_in_order(rng)
    for person in range(PEOPLE):
        texts = next(row for row in before[person] if row[0] == "sms")
        assert texts[2] == last_said(person).kind
        assert before[person] == standing_of(person, area=312)
    standings.rebuild(by="sam", now=timezone.now())
    assert before == [standing_of(person) for person in range(PEOPLE)]
    # every event of both tellings (each may doubt other STARTs), and the rebuild
    assert audit.verify() > Event.objects.count()


def test_what_comes_out_of_order_counts_in_the_order_it_was_written(portal, seed, now):
    rng = random.Random(seed)
    ProgramFactory()
    began = timezone.now().replace(microsecond=0) - dt.timedelta(minutes=50)
    history = [
        Said(
            n,
            rng.choice(list(signing.WRITTEN)),
            rng.choice(["STOP", "START"]),
            rng.randrange(PEOPLE),
            began + dt.timedelta(seconds=rng.randrange(60)),  # some at one instant
        )
        for n in range(200)
    ]

    with ThreadPoolExecutor(LINES) as pool:
        shuffled = rng.sample(history * 2, k=400)
        answers = set(pool.map(partial(deliver, portal), shuffled))

    assert answers == {200}
    for person in {said.person for said in history}:
        theirs = [said for said in history if said.person == person]
        last = max(theirs, key=lambda said: (said.written, said.text == "STOP"))
        texts = next(row for row in standing_of(person) if row[0] == "sms")
        expected = "opt_out" if last.text == "STOP" else "opt_in"
        assert texts[2:] == (expected, texts[3], last.written)
