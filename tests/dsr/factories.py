"""Requests of Ada, as they come in and as far as they got."""

import datetime as dt

from dsr import identity, intake, requests
from dsr.models import Ticket
from privacy import identifiers

NOW = dt.datetime(2026, 11, 24, 9, 0, tzinfo=dt.UTC)
RECEIVED = dt.datetime(2026, 11, 23, 15, 30, tzinfo=dt.UTC)
ADA = "+12025550143"
ADAS_MAIL = "ada.sample@example.com"
LENA, MAX = "lena", "max"


def clock():
    return NOW


def asked(right="erasure", **changed):
    """Ada asks, by her phone number and under Californian law."""
    facts = {
        "right": right,
        "regime": "US-CA",
        "marks": [identifiers.phone(ADA)],
        "received_at": RECEIVED,
        "source": Ticket.Source.STAFF,
        "by": LENA,
        "now": NOW,
    }
    return intake.open(**(facts | changed))


def vouched(ticket, by=LENA):
    """Somebody knows that it is Ada."""
    identity.decide(
        ticket=ticket, accepted=True, may_act=True, reason="Known", by=by, now=NOW
    )
    return ticket


def planned(right="erasure", **changed):
    ticket = vouched(asked(right, **changed))
    requests.plan(ticket=ticket, by=LENA, now=NOW)
    return ticket


def approved(right="erasure", **changed):
    ticket = planned(right, **changed)
    requests.approve(ticket=ticket, by=MAX, now=NOW)
    return ticket


def answered(right="erasure", **changed):
    return requests.fulfil(ticket=approved(right, **changed), clock=clock)
