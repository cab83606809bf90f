"""What moves the clocks of a ticket: more time, a question, an answer, a receipt."""

from collections.abc import Callable
from functools import partial

from django import forms
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from dsr import clocks, deadlines, notices, receipts, tasks
from dsr.admin.tickets.forms import Reason
from dsr.models import Ticket
from privacy.admin.base import ViewOnlyAdmin


class Day(forms.Form):
    """A day that counts."""

    on = forms.DateField(
        label="On which day?",
        widget=forms.DateInput(attrs={"type": "date"}),
        initial=lambda: deadlines.day_of(timezone.now()),
    )


def may_extend(ticket: Ticket) -> bool:
    """Once, where the law allows it, and only before the last day."""
    is_free = ticket.extended_date is not None and ticket.extended_at is None
    return ticket.is_open and is_free and clocks.is_in_time(ticket, now=timezone.now())


def is_unacknowledged(ticket: Ticket) -> bool:
    return ticket.is_open and ticket.acknowledged_at is None


def extend(
    model_admin: ViewOnlyAdmin, request: HttpRequest, object_id: str
) -> HttpResponse:
    """Grants more time, and sends the letter that says so."""
    ticket: Ticket = model_admin.row(request, object_id)
    return model_admin.step(
        request,
        "extend",
        title="Extend",
        original=ticket,
        form=Reason(request.POST or None),
        act=partial(clocks.extend, ticket=ticket),
        said=lambda _: _extended(ticket),
    )


def _extended(ticket: Ticket) -> str:
    transaction.on_commit(lambda: tasks.send_notices.delay(), robust=True)
    return f"{_due(ticket)}; {_how_told(ticket)}"


def _how_told(ticket: Ticket) -> str:
    if notices.address_of(ticket):
        return "they are told why."
    day = f"{clocks.first_day(ticket):%-d %B %Y}"
    return f"we have no address for mail: print the letter and send it by {day}."


def asked(
    model_admin: ViewOnlyAdmin, request: HttpRequest, object_id: str
) -> HttpResponse:
    title = "We asked them to clarify"
    return _note(model_admin, request, object_id, clocks.ask, title)


def told(
    model_admin: ViewOnlyAdmin, request: HttpRequest, object_id: str
) -> HttpResponse:
    title = "They clarified"
    return _note(model_admin, request, object_id, clocks.told, title)


def identified(
    model_admin: ViewOnlyAdmin, request: HttpRequest, object_id: str
) -> HttpResponse:
    title = "We know who it is"
    return _note(model_admin, request, object_id, clocks.identified, title)


def _note(
    model_admin: ViewOnlyAdmin,
    request: HttpRequest,
    object_id: str,
    verb: Callable[..., Ticket],
    title: str,
) -> HttpResponse:
    ticket: Ticket = model_admin.row(request, object_id)
    return model_admin.step(
        request,
        "day",
        title=title,
        original=ticket,
        form=Day(request.POST or None),
        act=partial(verb, ticket=ticket),
        said=lambda moved: f"Noted. {_due(moved)}.",
    )


def _due(ticket: Ticket) -> str:
    return f"{ticket} is due on {ticket.due_date:%-d %B %Y}"


def acknowledged(
    model_admin: ViewOnlyAdmin, request: HttpRequest, object_id: str
) -> HttpResponse:
    """The person was told by telephone or on paper, where no mail could be sent."""
    ticket: Ticket = model_admin.row(request, object_id)
    by, now = request.user.get_username(), timezone.now()
    receipts.told_otherwise(ticket=ticket, by=by, now=now)
    return model_admin.done(request, "Noted: we told them.", ticket.pk)
