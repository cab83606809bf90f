"""What the promise board asks of the requests floor; registered by `DsrConfig`."""

import datetime as dt

from django.db.models import QuerySet
from django.urls import reverse

from dsr.deadlines import day_of
from dsr.models import Ticket
from privacy import promises
from privacy.promises import Evidence, Outcome

EUROPEAN = ("EU-GDPR", "UK-GDPR", "DE-KDG")


def rights_in_the_us(now: dt.datetime) -> Outcome:
    return _in_time(Ticket.objects.filter(regime__startswith="US-"), now)


def rights_in_europe(now: dt.datetime) -> Outcome:
    return _in_time(Ticket.objects.filter(regime__in=EUROPEAN), now)


def _in_time(tickets: QuerySet[Ticket], now: dt.datetime) -> Outcome:
    """No request past its legal day, and none closed without a decision."""
    late = tickets.filter(closed_at=None, due_date__lt=day_of(now))
    undecided = tickets.filter(closed_at__isnull=False, decision="")
    found = [
        Evidence(f"{ticket} was due on {ticket.due_date}", 1, _url(ticket))
        for ticket in late
    ]
    found += [
        Evidence(f"{ticket} was closed without a decision", 1, _url(ticket))
        for ticket in undecided
    ]
    if found:
        return promises.broken(f"{len(found)} requests are late or undecided.", *found)
    open_ = tickets.filter(closed_at=None).count()
    return promises.kept(f"{open_} requests are open, none is late.")


def _url(ticket: Ticket) -> str:
    return reverse("admin:dsr_ticket_change", args=[ticket.pk])


def register() -> None:
    promises.register("rights-us")(rights_in_the_us)
    promises.register("rights-eu-uk")(rights_in_europe)
