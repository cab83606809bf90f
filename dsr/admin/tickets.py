"""Requests, in the order of the procedure: open, plan, approve, hand over, close."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.timesince import timeuntil

from dsr import intake, packages, requests, tasks, tickets
from dsr.fulfilment import FULFILMENTS
from dsr.models import Right, Ticket
from privacy import identifiers
from privacy.admin.base import (
    Page,
    UncountedPaginator,
    ViewOnlyAdmin,
    shown_on,
)
from privacy.admin.plans.shown import describe

Status = Ticket.Status
UNDECIDED = (Status.RECEIVED, Status.PLANNED)


class NewTicket(forms.Form):
    """What staff know when a request reaches them."""

    right = forms.ChoiceField(
        label="What does the person ask for?",
        choices=lambda: [(code, Right(code).label) for code in FULFILMENTS],
    )
    regime = forms.CharField(
        label="Under which law?",
        initial="EU-GDPR",
        max_length=20,
        help_text="GDPR, UK-GDPR, CCPA, or a state's code such as US-VA.",
    )
    phone = forms.CharField(
        label="Phone number", required=False, help_text="In any common form."
    )
    email = forms.CharField(label="E-mail address", required=False)
    name = forms.CharField(label="Name", required=False, max_length=200)
    reply_to = forms.EmailField(
        label="Where do we answer?",
        required=False,
        widget=forms.EmailInput(attrs={"class": "vTextField"}),
        help_text="The address they wrote from. Empty: the answer is sent by hand.",
    )
    received_at = forms.DateTimeField(
        label="When did we receive it?",
        initial=timezone.now,
        help_text="The clock starts here, not when it is entered. UTC.",
    )
    source = forms.ChoiceField(
        label="How did it come?",
        choices=[
            (code, label)
            for code, label in Ticket.Source.choices
            if code in ("staff", "mail", "post")
        ],
    )
    words = forms.CharField(
        label="What did they write?",
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def marks(self) -> list[identifiers.Mark]:
        given = self.cleaned_data
        marks = [identifiers.phone(given["phone"])] if given["phone"] else []
        return marks + ([identifiers.email(given["email"])] if given["email"] else [])


class Reason(forms.Form):
    reason = forms.CharField(
        label="Reason", widget=forms.Textarea(attrs={"rows": 3}), max_length=2000
    )


def receive(model_admin: ViewOnlyAdmin, request: HttpRequest) -> HttpResponse:
    form = NewTicket(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with shown_on(form):
            ticket = _open(form, request.user.get_username())
            return model_admin.done(
                request, f"{ticket} is due on {ticket.due_date:%d %B %Y}.", ticket.pk
            )
    return model_admin.page(request, "receive", title="Enter a request", form=form)


def _open(form: NewTicket, by: str) -> Ticket:
    given = form.cleaned_data
    return intake.open(
        right=given["right"],
        regime=given["regime"],
        marks=form.marks(),
        received_at=given["received_at"],
        source=given["source"],
        by=by,
        now=timezone.now(),
        name=given["name"],
        email=given["reply_to"],
        text=given["words"],
    )


def plan(
    model_admin: ViewOnlyAdmin, request: HttpRequest, object_id: str
) -> HttpResponse:
    """Search all stores now; what is found is shown and frozen."""
    ticket: Ticket = model_admin.row(request, object_id)
    requests.plan(ticket=ticket, by=request.user.get_username(), now=timezone.now())
    return model_admin.done(
        request, "Planned. Nothing has changed yet; look at it below.", ticket.pk
    )


def approve(
    model_admin: ViewOnlyAdmin, request: HttpRequest, object_id: str
) -> HttpResponse:
    ticket: Ticket = model_admin.row(request, object_id)
    if request.method != "POST":
        return model_admin.page(
            request,
            "approve",
            title="Approve",
            original=ticket,
            form=forms.Form(),
            shown=describe(ticket.plan) if ticket.plan else None,
        )
    with transaction.atomic():
        requests.approve(
            ticket=ticket, by=request.user.get_username(), now=timezone.now()
        )
        transaction.on_commit(lambda: tasks.fulfil.delay(ticket.pk), robust=True)
    return model_admin.done(request, "Approved; a worker carries it out.", ticket.pk)


def download(
    model_admin: ViewOnlyAdmin, request: HttpRequest, object_id: str
) -> HttpResponse:
    """The person's copy, for whoever hands it over; taking it is recorded."""
    ticket: Ticket = model_admin.row(request, object_id)
    content = packages.content(
        ticket=ticket, by=request.user.get_username(), now=timezone.now()
    )
    return HttpResponse(
        content,
        content_type="application/zip",
        headers={
            "Content-Disposition": f'attachment; filename="{ticket.reference}.zip"',
            "Cache-Control": "no-store",
        },
    )


def answer(
    model_admin: ViewOnlyAdmin, request: HttpRequest, object_id: str
) -> HttpResponse:
    """What was written to the person; shown once, never kept by the browser."""
    ticket: Ticket = model_admin.row(request, object_id)
    notices = [(n, n.text.open()) for n in ticket.notices.order_by("written_at")]
    page = model_admin.page(
        request, "answer", title="Our answer", original=ticket, notices=notices
    )
    page.headers["Cache-Control"] = "no-store"
    return page


def refuse(
    model_admin: ViewOnlyAdmin, request: HttpRequest, object_id: str
) -> HttpResponse:
    return _close(model_admin, request, object_id, tickets.refuse, "Refuse")


def withdraw(
    model_admin: ViewOnlyAdmin, request: HttpRequest, object_id: str
) -> HttpResponse:
    return _close(model_admin, request, object_id, tickets.withdraw, "Withdraw")


def _close(
    model_admin: ViewOnlyAdmin,
    request: HttpRequest,
    object_id: str,
    verb: Callable[..., None],
    title: str,
) -> HttpResponse:
    ticket: Ticket = model_admin.row(request, object_id)
    form = Reason(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with shown_on(form):
            verb(
                ticket=ticket,
                reason=form.cleaned_data["reason"],
                by=request.user.get_username(),
                now=timezone.now(),
            )
            return model_admin.done(request, f"{ticket} is closed.", ticket.pk)
    return model_admin.page(request, "close", title=title, original=ticket, form=form)


def is_in(*states: Status) -> Callable[[Ticket], bool]:
    return lambda ticket: ticket.status in states


def has_copy(ticket: Ticket) -> bool:
    return ticket.right == Right.ACCESS and ticket.status == Status.ANSWERED


@admin.register(Ticket)
class TicketAdmin(ViewOnlyAdmin):
    pages = (
        Page(receive, "Enter a request", "dsr.add_ticket", on="list"),
        Page(plan, "Plan", "privacy.add_plan", at_once=True, offered=is_in(*UNDECIDED)),
        Page(approve, "Approve", "privacy.approve_plan", offered=is_in(Status.PLANNED)),
        Page(download, "Download the copy", "dsr.view_package", offered=has_copy),
        Page(answer, "Our answer", "dsr.view_notice", offered=is_in(Status.ANSWERED)),
        Page(refuse, "Refuse", "dsr.change_ticket", offered=is_in(*UNDECIDED)),
        Page(withdraw, "Withdrawn", "dsr.change_ticket", offered=is_in(*UNDECIDED)),
    )
    paginator = UncountedPaginator
    show_full_result_count = False
    list_display = (
        "reference",
        "right",
        "regime",
        "status",
        "due",
        "left",
        "opened_by",
    )
    list_filter = ("status", "right")
    search_fields = ("reference__exact",)
    search_help_text = "By reference, such as R-2026-000001"
    readonly_fields = ("people",)
    fields = (
        "reference", "right", "regime", "status", "people", "source", "received_at",
        "due_date", "arithmetic", "acknowledge_date", "extended_date", "decision",
        "opened_by", "closed_at",
    )  # fmt: skip
    change_form_template = "admin/dsr/ticket/show.html"

    @admin.display(description="Due", ordering="due_date")
    def due(self, ticket: Ticket) -> str:
        return f"{ticket.due_date:%d %b %Y}"

    @admin.display(description="Time left")
    def left(self, ticket: Ticket) -> str:
        if not ticket.is_open:
            return "closed"
        today = timezone.localdate()
        if ticket.due_date < today:
            return f"{(today - ticket.due_date).days} days late"
        return timeuntil(ticket.due_date, today) or "today"

    @admin.display(description="About")
    def people(self, ticket: Ticket) -> str:
        return ", ".join(str(row) for row in ticket.identifiers.all())

    def render_change_form(
        self,
        request: HttpRequest,
        context: Any,
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> HttpResponse:
        context["shown"] = describe(obj.plan) if obj.plan else None
        context["title"], context["subtitle"] = f"Request {obj}", None
        return super().render_change_form(request, context, add, change, form_url, obj)
