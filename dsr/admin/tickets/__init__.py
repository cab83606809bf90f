"""Requests, in the order of the procedure: open, plan, approve, hand over, close."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.timesince import timeuntil

from dsr import appeals, deadlines, stuck, tickets, withdrawals
from dsr.admin.base import law_of, with_laws
from dsr.admin.tickets import (
    beside,
    counts,
    desk,
    letters,
    pages,
    proof,
    talking,
    timing,
    withdrawing,
)
from dsr.admin.tickets.around import around
from dsr.fulfilment import FULFILMENTS, PLANNED, Way
from dsr.models import Right, Ticket
from privacy import plans
from privacy.admin.base import Page, UncountedPaginator, ViewOnlyAdmin
from privacy.admin.plans.shown import describe

Status = Ticket.Status


def is_open(ticket: Ticket) -> bool:
    return ticket.is_open


def never(ticket: Ticket) -> bool:
    """Such a page is reached only by links from another page."""
    return False


def is_undecided(ticket: Ticket) -> bool:
    return ticket.status in (Status.RECEIVED, Status.PLANNED)


def is_not_begun(ticket: Ticket) -> bool:
    return ticket.status in tickets.NOT_BEGUN


def is_ready(ticket: Ticket) -> bool:
    return ticket.status == Status.PLANNED


def is_own_plan(ticket: Ticket, by: str) -> bool:
    return ticket.plan is not None and not plans.may_approve(ticket.plan, by)


def is_stuck(ticket: Any) -> bool:
    """As `stuck.marked` has it."""
    return bool(ticket.is_stuck)


def has_copy(ticket: Ticket) -> bool:
    copied = (Right.ACCESS, Right.PORTABILITY)
    return ticket.right in copied and ticket.status == Status.ANSWERED


def is_planned(ticket: Ticket) -> bool:
    """At once, except for a correction: first somebody must say what is wrong."""
    by_itself = ticket.right in PLANNED and ticket.right != Right.RECTIFICATION
    return by_itself and is_undecided(ticket)


def is_correction(ticket: Ticket) -> bool:
    return ticket.right == Right.RECTIFICATION and is_undecided(ticket)


def is_judged(ticket: Ticket) -> bool:
    way = FULFILMENTS[ticket.right].way
    return way is Way.JUDGED and ticket.status == Status.RECEIVED


def names_no_decision(ticket: Ticket) -> bool:
    return ticket.is_open and appeals.is_unnamed(ticket)


@admin.register(Ticket)
class TicketAdmin(ViewOnlyAdmin):
    nothing_yet = (
        "No requests yet. They come from the public form, the mailbox, other systems, "
        "and “Enter a request”."
    )
    pages = (
        Page(desk.desk, "Desk", "dsr.view_ticket", on="list"),
        Page(letters.by_hand, "Letters to send by hand", "dsr.view_notice", on="list"),
        Page(desk.month, "Calendar", "dsr.view_ticket", on="list"),
        Page(pages.receive, "Enter a request", "dsr.add_ticket", on="list"),
        Page(counts.metrics, "Counts", "dsr.view_ticket", on="list"),
        Page(counts.register, "Register", "dsr.export_register", on="list"),
        Page(beside.assign, "Assign", "dsr.change_ticket", offered=is_open),
        Page(
            pages.again,
            "Try again",
            "privacy.approve_plan",
            offered=is_stuck,
            at_once=True,
        ),
        Page(talking.conversation, "Conversation", "dsr.view_message"),
        Page(talking.write, "Write to them", "dsr.change_ticket"),
        Page(
            talking.mailed, "Mailed?", "dsr.change_ticket", at_once=True, offered=never
        ),
        Page(proof.who, "Who is it?", "dsr.decide_identity", offered=is_open),
        Page(
            proof.leave_out,
            "Leave out",
            "dsr.decide_identity",
            offered=is_not_begun,
        ),
        Page(proof.paper, "Paper", "dsr.read_upload", offered=never),
        Page(
            timing.identified, "We know who it is", "dsr.change_ticket", offered=never
        ),
        Page(timing.asked, "We asked", "dsr.change_ticket", offered=never),
        Page(timing.told, "They answered", "dsr.change_ticket", offered=never),
        Page(
            timing.acknowledged,
            "We confirmed receipt",
            "dsr.change_ticket",
            at_once=True,
            offered=never,
        ),
        Page(timing.extend, "Extend", "dsr.change_ticket", offered=timing.may_extend),
        Page(pages.plan, "Plan", "privacy.add_plan", at_once=True, offered=is_planned),
        Page(pages.correct, "Correct", "privacy.add_plan", offered=is_correction),
        Page(
            pages.against,
            "Name the decision",
            "dsr.change_ticket",
            offered=names_no_decision,
        ),
        Page(pages.decide, "Decide", "dsr.change_ticket", offered=is_judged),
        Page(
            pages.approve,
            "Approve",
            "privacy.approve_plan",
            offered=is_ready,
            needs_another=is_own_plan,
        ),
        Page(
            pages.download, "Download the copy", "dsr.change_package", offered=has_copy
        ),
        Page(letters.answer, "Our letters", "dsr.view_notice"),
        Page(letters.printed, "Print", "dsr.view_notice", offered=never),
        Page(
            letters.settle, "Settle", "dsr.change_ticket", at_once=True, offered=never
        ),
        Page(
            letters.announce,
            "Announce its end",
            "dsr.change_ticket",
            offered=letters.may_be_announced,
        ),
        Page(
            letters.lift,
            "Lift the restriction",
            "dsr.change_ticket",
            offered=letters.is_told,
        ),
        Page(pages.refuse, "Refuse", "dsr.change_ticket", offered=is_not_begun),
        Page(
            withdrawing.withdraw,
            "Withdrawn",
            "dsr.change_ticket",
            offered=withdrawing.may_withdraw,
        ),
        Page(
            withdrawing.taken_back,
            "Taken back?",
            "dsr.change_ticket",
            offered=withdrawing.is_noted,
        ),
        Page(
            withdrawing.go_on,
            "Not taken back: go on",
            "dsr.change_ticket",
            at_once=True,
            offered=withdrawals.may_go_on,
        ),
        Page(
            beside.heard,
            "Note the answer",
            "privacy.change_instruction",
            offered=never,
        ),
        Page(beside.note, "Note", "dsr.change_ticket"),
        Page(beside.give, "Task", "dsr.change_ticket", offered=is_open),
    )
    paginator = UncountedPaginator
    show_full_result_count = False
    list_display = (
        "reference",
        "right",
        "law",
        "status",
        "due",
        "left",
        "opened_by",
    )
    list_filter = ("status", "right")
    search_fields = ("reference__exact",)
    search_help_text = "By reference, such as R-2026-000001"
    readonly_fields = ("people", "source", "law")
    fields = (
        "reference", "right", "law", "status", "people", "source", "received_at",
        "due_date", "outcome", "ground", "decision", "decided_by", "opened_by",
        "closed_at",
    )  # fmt: skip
    undecided = fields[:8]  # nothing else is known as long as it is open
    change_form_template = "admin/dsr/ticket/show.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Ticket]:
        beside = ("request", "ground", "plan", "assignment", "package")
        found = super().get_queryset(request).select_related(*beside)
        found = withdrawals.marked(with_laws(found))
        found = stuck.marked(found, on=deadlines.day_of(timezone.now()))
        return found.prefetch_related("identifiers")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.undecided if obj and obj.is_open else self.fields

    def audit_subject(self, row: Ticket) -> str:  # type: ignore[override]
        """The audit trail names a request by its number."""
        return f"ticket:{row.reference}"

    @admin.display(description="Law", ordering="regime")
    def law(self, ticket: Ticket) -> str:
        return law_of(ticket)

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

    @admin.display(description="How it came in")
    def source(self, ticket: Ticket) -> str:
        return ticket.request.get_source_display()

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
        context["may_plan"] = is_planned(obj)
        context["around"] = around(obj)
        context["title"], context["subtitle"] = f"Ticket {obj}", None
        return super().render_change_form(request, context, add, change, form_url, obj)
