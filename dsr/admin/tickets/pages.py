"""One function for each page, in the order of the procedure; each makes one domain
call."""

import datetime as dt
from functools import partial
from typing import Any

from django import forms
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone

from dsr import appeals, intake, packages, requests, tasks
from dsr.admin.tickets.forms import (
    Appealed,
    Correction,
    Decision,
    Denial,
    NewTicket,
)
from dsr.models import Ticket
from privacy import plans, staff
from privacy.admin.base import ViewOnlyAdmin, attachment, shown_on
from privacy.admin.plans.shown import describe


def receive(model_admin: ViewOnlyAdmin, request: HttpRequest) -> HttpResponse:
    form = NewTicket(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        with shown_on(form):
            opened = _open(form, request.user.get_username())
            transaction.on_commit(lambda: tasks.acknowledge.delay(), robust=True)
            said = [f"{each} is due on {each.due_date:%-d %B %Y}." for each in opened]
            return model_admin.done(request, " ".join(said), opened[0].pk)
    return model_admin.page(request, "receive", title="Enter a request", form=form)


def _open(form: NewTicket, by: str) -> list[Ticket]:
    given = form.cleaned_data
    return intake.receive(
        rights=given["rights"],
        regime=given["regime"],
        marks=form.marks(),
        received_at=given["received_at"],
        source=given["source"],
        by=by,
        now=timezone.now(),
        name=given["name"],
        email=form.reply_to_email(),
        post=given["post"].strip(),
        text=given["words"],
        known_by=given["known_by"].strip(),
        points=given["points"],
        has_declaration=given["has_declaration"],
        language=given["language"],
        files=given["scan"],
        against=given["against"],
        acting=form.acting(),
    )


def plan(
    model_admin: ViewOnlyAdmin, request: HttpRequest, object_id: str
) -> HttpResponse:
    """Searches all stores now; the result is shown and frozen."""
    ticket: Ticket = model_admin.row(request, object_id)
    requests.plan(ticket=ticket, by=request.user.get_username(), now=timezone.now())
    return model_admin.done(
        request, "Planned. Nothing has changed yet; check the plan below.", ticket.pk
    )


def correct(
    model_admin: ViewOnlyAdmin, request: HttpRequest, object_id: str
) -> HttpResponse:
    """What is wrong and what it should be; a second person sees both."""
    ticket: Ticket = model_admin.row(request, object_id)
    form = Correction(request.POST or None)

    def act(*, by: str, now: dt.datetime, **_: Any) -> None:
        requests.plan(ticket=ticket, by=by, now=now, changes=form.changes())

    return model_admin.step(
        request,
        "correct",
        title="Correct",
        original=ticket,
        form=form,
        act=act,
        said="Planned. Nothing has changed yet; check the plan below.",
    )


def approve(
    model_admin: ViewOnlyAdmin, request: HttpRequest, object_id: str
) -> HttpResponse:
    ticket: Ticket = model_admin.row(request, object_id)
    by, plan = request.user.get_username(), ticket.plan
    if request.method != "POST":
        may = plan is None or plans.may_approve(plan, by)
        return model_admin.page(
            request,
            "approve",
            title="Approve",
            original=ticket,
            form=forms.Form() if may else None,
            others=staff.who_else("privacy.approve_plan", by),
            shown=describe(plan) if plan else None,
        )
    with transaction.atomic():
        requests.approve(ticket=ticket, by=by, now=timezone.now())
        transaction.on_commit(lambda: tasks.fulfil.delay(ticket.pk), robust=True)
    return model_admin.done(request, "Approved; a worker will carry it out.", ticket.pk)


def again(
    model_admin: ViewOnlyAdmin, request: HttpRequest, object_id: str
) -> HttpResponse:
    """Wakes a worker for what one could not finish."""
    ticket: Ticket = model_admin.row(request, object_id)
    transaction.on_commit(lambda: tasks.fulfil.delay(ticket.pk), robust=True)
    return model_admin.done(request, "A worker tries it again.", ticket.pk)


def download(
    model_admin: ViewOnlyAdmin, request: HttpRequest, object_id: str
) -> HttpResponseBase:
    """The person's copy, for the person who hands it over; downloading it is
    recorded."""
    ticket: Ticket = model_admin.row(request, object_id)
    pieces = packages.stream(
        ticket=ticket, by=request.user.get_username(), now=timezone.now()
    )
    return attachment(pieces, f"{ticket.reference}.zip", "application/zip")


def decide(
    model_admin: ViewOnlyAdmin, request: HttpRequest, object_id: str
) -> HttpResponse:
    ticket: Ticket = model_admin.row(request, object_id)

    @transaction.atomic
    def act(**decision: Any) -> None:
        requests.decide(ticket=ticket, **decision)
        transaction.on_commit(lambda: tasks.fulfil.delay(ticket.pk), robust=True)

    return model_admin.step(
        request,
        "close",
        title="Decide",
        original=ticket,
        form=Decision(request.POST or None, ticket=ticket),
        act=act,
        said=f"{ticket} is decided.",
        says="A worker carries out your decision, and the letter says why.",
    )


def against(
    model_admin: ViewOnlyAdmin, request: HttpRequest, object_id: str
) -> HttpResponse:
    """Which decision an appeal is against, where the person's page did not say so."""
    ticket: Ticket = model_admin.row(request, object_id)
    return model_admin.step(
        request,
        "close",
        title="Name the decision",
        original=ticket,
        form=Appealed(request.POST or None, appeal=ticket),
        act=partial(appeals.name, appeal=ticket),
        said=f"{ticket} is an appeal against that decision.",
        says="Whoever took that decision can't decide the appeal. If it is granted, "
        "what had been asked for becomes a request again.",
    )


def refuse(
    model_admin: ViewOnlyAdmin, request: HttpRequest, object_id: str
) -> HttpResponse:
    ticket: Ticket = model_admin.row(request, object_id)
    return model_admin.step(
        request,
        "close",
        title="Refuse",
        original=ticket,
        form=Denial(request.POST or None, ticket=ticket),
        act=partial(requests.refuse, ticket=ticket),
        said=f"{ticket} is closed.",
        says="This closes the request. Give a reason that the person can be told.",
    )
