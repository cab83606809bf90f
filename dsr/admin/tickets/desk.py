"""The desk: queues by what to do next, bulk actions, and the calendar."""

import datetime as dt
from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import BooleanField, ExpressionWrapper, Q
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.http import urlencode

from dsr import deadlines, messages, notices, tasks
from dsr import desk as words
from dsr.desk import calendar
from dsr.desk.sorting import at_the_desk
from dsr.mailbox import queue as mailbox_queue
from dsr.models import Letter, Ticket
from privacy.admin.base import ViewOnlyAdmin, require
from privacy.refusals import Refusal

SHOWN = 100


class Bulk(forms.Form):
    """What to do with all selected requests."""

    tickets = forms.ModelMultipleChoiceField(
        at_the_desk(),
        error_messages={"required": "Tick at least one request."},
    )
    do = forms.ChoiceField(choices=[("assign", ""), ("write", "")])
    to = forms.CharField(required=False)
    letter = forms.ModelChoiceField(Letter.objects.all(), required=False)


def desk(model_admin: ViewOnlyAdmin, request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    queue, whose = request.GET.get("queue", ""), request.GET.get("whose", "")
    if request.method == "POST":
        require(request, "dsr.change_ticket", "Assign and write")
        done = _bulk(request, now)
        model_admin.message_user(request, done)
    found = words.look(queue=queue, whose=whose, on=deadlines.day_of(now))
    to_read = mailbox_queue.days_of_waiting()
    laws = dict(deadlines.regimes(on=deadlines.day_of(now)))
    return model_admin.page(
        request,
        "desk",
        title="Desk",
        desk=found,
        shown=[
            (each, laws.get(each.ticket.regime, "")) for each in found.tickets[:SHOWN]
        ],
        unsent=_unsent(now),
        mails=len(to_read),
        mails_late=sum(day < deadlines.day_of(now) for day in to_read),
        more=max(0, len(found.tickets) - SHOWN),
        queue=queue,
        whose=whose,
        choices=_choices(request, queue),
        colleagues=_colleagues(),
        letters=Letter.objects.all(),
        may_change=request.user.has_perm("dsr.change_ticket"),
    )


def _unsent(now: dt.datetime) -> list[Ticket]:
    """Requests with a letter or message in doubt: somebody must look."""
    is_letter = Q(pk__in=notices.doubtful(now=now).values("ticket"))
    is_message = Q(pk__in=messages.doubtful(now=now).values("ticket"))
    mine = Ticket.objects.filter(is_letter | is_message)
    told = ExpressionWrapper(is_letter, BooleanField())
    return list(mine.annotate(is_letter=told).only("reference")[:SHOWN])


def _choices(request: HttpRequest, queue: str) -> list[tuple[str, str, str]]:
    """The choices of whose requests to show: value, label, address."""
    values = (
        ("", "all"),
        (request.user.get_username(), "mine"),
        ("nobody", "unassigned"),
    )
    return [
        (value, text, "?" + urlencode({"queue": queue, "whose": value}))
        for value, text in values
    ]


def _colleagues() -> list[str]:
    """People whose role works on requests."""
    staff = User.objects.filter(
        is_active=True,
        is_staff=True,
        groups__permissions__codename="change_ticket",
        groups__permissions__content_type__app_label="dsr",
    )
    return list(
        staff.distinct().order_by("username").values_list("username", flat=True)
    )


def _bulk(request: HttpRequest, now: dt.datetime) -> str:
    form, by = Bulk(request.POST), request.user.get_username()
    if not form.is_valid():
        return " ".join(str(e) for errors in form.errors.values() for e in errors)
    given = form.cleaned_data
    try:
        return (
            _assign(given, by, now)
            if given["do"] == "assign"
            else _write(given, by, now)
        )
    except Refusal as refusal:
        return str(refusal)


def _assign(given: dict[str, Any], by: str, now: dt.datetime) -> str:
    if given["to"] not in _colleagues():
        raise words.NobodyOfThatName
    count = words.assign(tickets=list(given["tickets"]), to=given["to"], by=by, now=now)
    return f"{count} requests are now assigned to {given['to']}."


def _write(given: dict[str, Any], by: str, now: dt.datetime) -> str:
    if given["letter"] is None:
        return "Choose a letter."
    with transaction.atomic():
        count = words.write_each(
            tickets=list(given["tickets"]), code=given["letter"].code, by=by, now=now
        )
        transaction.on_commit(lambda: tasks.send_notices.delay(), robust=True)
    return f"{count} people were written to."


def month(model_admin: ViewOnlyAdmin, request: HttpRequest) -> HttpResponse:
    """What is due, day by day; and the feed for one's own calendar."""
    now = timezone.now()
    address = ""
    if request.method == "POST":
        by = request.user.get_username()
        address = calendar.give_feed(by=by, now=now)
    first = _first(request.GET.get("month", ""), deadlines.day_of(now))
    before = first - dt.timedelta(days=1)
    after = first + dt.timedelta(days=31)
    return model_admin.page(
        request,
        "month",
        title="Calendar",
        first=first,
        today=deadlines.day_of(now),
        weeks=calendar.month(first.year, first.month),
        before=f"{before:%Y-%m}",
        after=f"{after:%Y-%m}",
        address=address,
    )


def _first(text: str, today: dt.date) -> dt.date:
    """The first day of a month; of the present one for an invalid value."""
    try:
        return dt.datetime.strptime(text, "%Y-%m").date()  # noqa: DTZ007 - a month
    except ValueError:
        return today.replace(day=1)
