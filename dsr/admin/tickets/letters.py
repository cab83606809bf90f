"""Our letters: what they say, whether they went out, and the end of a restriction."""

import datetime as dt
from functools import partial

from django import forms
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone, translation
from django.utils.formats import date_format

from dsr import (
    clocks,
    deadlines,
    links,
    messages,
    notices,
    receipts,
    restrictions,
    tasks,
)
from dsr.admin.tickets.forms import Reason
from dsr.models import Notice, Ticket
from dsr.notices import NotInDoubt
from privacy.admin.base import ViewOnlyAdmin


class Found(forms.Form):
    """What somebody found out about one letter."""

    notice = forms.ModelChoiceField(Notice.objects.none())
    was = forms.ChoiceField(
        choices=[(each, each) for each in ("sent", "not_sent", "by_hand")]
    )
    on = forms.DateField(required=False)  # by hand; empty: today


def is_restricted(ticket: Ticket) -> bool:
    return not ticket.is_open and restrictions.standing(ticket) is not None


def is_told(ticket: Ticket) -> bool:
    return is_restricted(ticket) and _last(ticket).exclude(sent_at=None).exists()


def may_be_announced(ticket: Ticket) -> bool:
    return is_restricted(ticket) and not _last(ticket).exists()


def _last(ticket: Ticket) -> QuerySet[Notice]:
    """The latest restriction, which the letter is about."""
    return ticket.notices.filter(kind=Notice.Kind.LIFTING)


def answer(
    model_admin: ViewOnlyAdmin, request: HttpRequest, object_id: str
) -> HttpResponse:
    """What was written to the person; shown once, never cached by the browser."""
    ticket: Ticket = model_admin.row(request, object_id)
    doubtful = set(notices.doubtful(now=timezone.now()).values_list("pk", flat=True))
    return model_admin.page(
        request,
        "answer",
        title="Our letters",
        original=ticket,
        letters=[
            (each, each.text.open(), each.pk in doubtful, notices.message_id(each))
            for each in ticket.notices.order_by("written_at", "pk")
        ],
        has_address=bool(notices.address_of(ticket)),
        today=deadlines.day_of(timezone.now()),
    )


def by_hand(model_admin: ViewOnlyAdmin, request: HttpRequest) -> HttpResponse:
    """What nobody but a person can send or say: letters and receipts to people without
    an e-mail address."""
    now = timezone.now()
    return model_admin.page(
        request,
        "by_hand",
        title="Letters to send by hand",
        letters=[
            (each, notices.envelope_of(each.ticket), _by(each))
            for each in notices.to_post()
        ],
        messages_by_hand=[
            (each, notices.envelope_of(each.ticket)) for each in messages.to_post()
        ],
        receipts=receipts.to_tell(),
        today=deadlines.day_of(now),
    )


def _by(notice: Notice) -> dt.date | None:
    """The last day on which the person can be told that it takes longer."""
    is_more_time = notice.kind == Notice.Kind.EXTENSION
    return clocks.first_day(notice.ticket) if is_more_time else None


def printed(
    model_admin: ViewOnlyAdmin, request: HttpRequest, object_id: str
) -> HttpResponse:
    """One letter as it goes into the envelope."""
    ticket: Ticket = model_admin.row(request, object_id)
    form = Found({"notice": request.GET.get("letter"), "was": "by_hand"})
    form.fields["notice"].queryset = ticket.notices.all()  # type: ignore[attr-defined]
    if not form.is_valid():
        raise Http404("There is no such letter.")
    notice: Notice = form.cleaned_data["notice"]
    language = links.language_of(ticket)
    return model_admin.page(
        request,
        "printed",
        title="Print the letter",
        original=ticket,
        notice=notice,
        language=language,
        day=_day(notice.written_at, language),
        text=notice.text.open(),
        envelope=notices.envelope_of(ticket),
    )


def _day(at: dt.datetime, language: str) -> str:
    """As the reader of the letter writes it."""
    with translation.override(language):
        return date_format(deadlines.day_of(at), "DATE_FORMAT")


def settle(
    model_admin: ViewOnlyAdmin, request: HttpRequest, object_id: str
) -> HttpResponse:
    """Sent or not: as the mail server's log says, or sent by hand."""
    ticket: Ticket = model_admin.row(request, object_id)
    form = Found(request.POST)
    form.fields["notice"].queryset = ticket.notices.all()  # type: ignore[attr-defined]
    if "on" in form.errors:
        raise notices.NotThatDay
    if not form.is_valid():
        raise NotInDoubt
    notice, was = form.cleaned_data["notice"], form.cleaned_data["was"]
    by, now = request.user.get_username(), timezone.now()
    if was == "by_hand":
        on: dt.date | None = form.cleaned_data["on"]
        notices.by_hand(notice=notice, by=by, now=now, on=on)
        return _noted(model_admin, request, ticket)
    with transaction.atomic():
        notices.settle(notice=notice, was_sent=was == "sent", by=by, now=now)
        transaction.on_commit(lambda: tasks.send_notices.delay(), robust=True)
    said = "Noted: it was sent." if was == "sent" else "Noted; it will be sent now."
    return model_admin.done(request, said, ticket.pk)


def _noted(
    model_admin: ViewOnlyAdmin, request: HttpRequest, ticket: Ticket
) -> HttpResponse:
    """Back to the list of letters, for whoever came from there."""
    done = model_admin.done(request, "Noted: it was sent by hand.", ticket.pk)
    return redirect("admin:dsr_ticket_by_hand") if "list" in request.POST else done


def announce(
    model_admin: ViewOnlyAdmin, request: HttpRequest, object_id: str
) -> HttpResponse:
    """Writes the letter that a restriction will end, and why (GDPR Art. 18(3))."""
    ticket: Ticket = model_admin.row(request, object_id)
    return model_admin.step(
        request,
        "announce",
        title="Announce its end",
        original=ticket,
        form=Reason(request.POST or None),
        act=partial(restrictions.announce, ticket=ticket),
        said=_announced,
    )


def _announced(notice: Notice) -> str:
    """Without a known address the letter does not reach them by itself."""
    if notices.address_of(notice.ticket):
        return "Written. Once the letter has been sent, the restriction can be lifted."
    return (
        "Written. We have no address for them: copy the letter from “Our letters”, "
        "send it by hand and say so there; then the restriction can be lifted."
    )


def lift(
    model_admin: ViewOnlyAdmin, request: HttpRequest, object_id: str
) -> HttpResponse:
    """Their data is used again as before."""
    ticket: Ticket = model_admin.row(request, object_id)
    if request.method != "POST":
        return model_admin.page(
            request,
            "lift",
            title="Lift the restriction",
            original=ticket,
            form=forms.Form(),
        )
    restrictions.lift(ticket=ticket, by=request.user.get_username(), now=timezone.now())
    return model_admin.done(
        request, "Lifted: their data is used again as before.", ticket.pk
    )
