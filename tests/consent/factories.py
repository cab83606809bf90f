"""Small makers of the rows that consent tests start from."""

import datetime as dt

import factory
from django.db import connection
from factory.django import DjangoModelFactory

from consent import endpoints, inbox, ledger
from consent.carriers.base import Message
from consent.models import Endpoint, Program
from privacy import identifiers
from privacy.providers import register

ADA = "+12025550117"
OUR_NUMBER = "+12025550100"
ACME = "org_acme"


class ProgramFactory(DjangoModelFactory):
    class Meta:
        model = Program

    name = factory.Sequence(lambda n: f"Program {n}")
    organization = ACME
    numbers = factory.LazyFunction(lambda: [OUR_NUMBER])
    help_text = "Acme alerts. Help: help@example.com. Reply STOP to stop."
    opt_out_text = "Acme: you have opted out and will get no more messages."
    opt_in_text = (
        "Acme: you are in. About 4 msgs/month. Msg & data rates may apply. "
        "HELP for help, STOP to stop."
    )


def told(kind, at, *, number=ADA, **changed):
    """An event a person caused at an instant; recorded then unless said otherwise."""
    facts = {
        "mark": identifiers.understand(number),
        "kind": kind,
        "channel": "sms",
        "route": "support",
        "source": "direct",
        "occurred_at": at,
        "now": at,
        "by": "sam",
    }
    return ledger.record(**(facts | changed))


def contracted(name, now, *purposes):
    """A recipient whose contract covers numbers and opt-outs, to comply unless said."""
    row = register.add(
        name=name,
        contract="DPA-1",
        purposes=purposes or ["compliance"],
        categories=["profile_contact", "communications"],
        ends=None,
        owner="",
        by="pia",
        now=now,
    )
    register.agree(provider=row, by="max", now=now)
    row.refresh_from_db()
    return row


def told_at(url, now, **changed):
    """The secret of an endpoint that a second person has agreed to."""
    facts = {"name": "crm", "url": url, "by": "pia", "now": now} | changed
    secret = endpoints.create(**facts)
    row = Endpoint.objects.get(name=facts["name"])
    endpoints.agree(endpoint=row, by="max", now=now)
    return secret


def sent(text, at, *, number=ADA, sid=None, **changed):
    """A text message that a carrier brought; the reply."""
    facts = {
        "carrier": "twilio",
        "carrier_message_id": sid or next_sid(),
        "sender": number,
        "recipient": OUR_NUMBER,
        "text": text,
    }
    return inbox.receive(message=Message(**(facts | changed)), now=at)


def next_sid():
    next_sid.last += 1
    return f"SM{next_sid.last:032x}"


next_sid.last = 0


def later(now, **passed):
    return now + dt.timedelta(**passed)


def lose_event(sequence):
    """Behind the triggers, as somebody with the database's own rights could."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("DELETE FROM consent_standing")
        cursor.execute("ALTER TABLE consent_event DISABLE TRIGGER append_only")
        cursor.execute("DELETE FROM consent_event WHERE sequence = %s", [sequence])
        cursor.execute("ALTER TABLE consent_event ENABLE TRIGGER append_only")
