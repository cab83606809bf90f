"""How long the record of consent is kept, and the months of it that are removed."""

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from consent import keeping, months
from consent.models import KeepingRule, LedgerMonth
from consent.months import ending
from privacy.admin.base import Page, PeriodAdmin, ViewOnlyAdmin


def look(model_admin: PeriodAdmin, request: HttpRequest) -> HttpResponse:
    return model_admin.look(request, keeping.KIND)


def look_dealings(model_admin: PeriodAdmin, request: HttpRequest) -> HttpResponse:
    return model_admin.look(request, keeping.DEALINGS)


def look_requests(model_admin: PeriodAdmin, request: HttpRequest) -> HttpResponse:
    return model_admin.look(request, keeping.REQUESTS)


@admin.register(KeepingRule)
class KeepingRuleAdmin(PeriodAdmin):
    pages = (
        Page(
            look,
            "Preview which messages would be deleted",
            "consent.preview_keepingrule",
            on="list",
            at_once=True,
        ),
        Page(
            look_dealings,
            "Preview which purchases and inquiries would be deleted",
            "consent.preview_keepingrule",
            on="list",
            at_once=True,
        ),
        Page(
            look_requests,
            "Preview which do-not-call requests would be deleted",
            "consent.preview_keepingrule",
            on="list",
            at_once=True,
        ),
    )
    list_display = (
        "law", "what", "months", "citation", "mark", "valid_from", "valid_to",
    )  # fmt: skip
    fields = (
        "code", "what", "law", "months", "citation", "mark", ("valid_from", "valid_to"),
    )  # fmt: skip


def preview(model_admin: ViewOnlyAdmin, request: HttpRequest) -> HttpResponse:
    """What would be removed with the next month, for a second person."""
    by = request.user.get_username()
    row = ending.preview(by=by, now=timezone.now())
    said = "This is what would be deleted. Another person must approve it."
    return model_admin.done(request, said, row.pk)


def approve(
    model_admin: ViewOnlyAdmin, request: HttpRequest, object_id: str
) -> HttpResponse:
    row: LedgerMonth = model_admin.row(request, object_id)
    if request.method != "POST":
        return model_admin.page(
            request,
            "approve",
            title=f"Destroy events of {row}",
            original=row,
            form=forms.Form(),
            gone=row.events - row.kept,
            begins=months.after(row.first),
        )
    ending.approve(row=row, by=request.user.get_username(), now=timezone.now())
    return model_admin.done(request, "It will be destroyed within the hour.", row.pk)


@admin.register(LedgerMonth)
class LedgerMonthAdmin(ViewOnlyAdmin):
    nothing_yet = (
        "A ledger month is destroyed once it is past its period. One person looks at "
        "the next month, and another approves it."
    )
    pages = (
        Page(
            preview,
            "Preview the next month",
            "consent.add_ledgermonth",
            on="list",
            at_once=True,
        ),
        Page(
            approve,
            "Approve its end",
            "consent.approve_ledgermonth",
            offered=lambda row: row.approved_at is None,
            needs_another=lambda row, by: row.previewed_by == by,
        ),
    )
    list_display = ("month", "events", "kept", "state")
    fields = (
        "month", "state", "events", "kept", "previewed_by", "previewed_at",
        "approved_by", "approved_at", "ended_at", "problem",
    )  # fmt: skip

    @admin.display(description="Month")
    def month(self, row: LedgerMonth) -> str:
        return str(row)

    @admin.display(description="How far it is")
    def state(self, row: LedgerMonth) -> str:
        if row.ended_at:
            return "Ended"
        if row.problem:
            return "Could not end yet"
        if row.approved_at:
            return "Approved; it will be destroyed within the hour"
        return f"Previewed by {row.previewed_by}; another person must approve it"
