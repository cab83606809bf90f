"""How long records of requests name people, and the yes that lets them end."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from dsr import records
from dsr.models import RecordRule
from privacy.admin.base import AuditedAdmin, Page, shown_on


class Months(forms.Form):
    """What was looked at is what is approved."""

    months = forms.IntegerField(widget=forms.HiddenInput)


def approve(
    model_admin: AuditedAdmin, request: HttpRequest, object_id: str
) -> HttpResponse:
    rule: RecordRule = model_admin.row(request, object_id)
    now = timezone.now()
    form = Months(request.POST or None, initial={"months": rule.months})
    if form.is_valid():
        with shown_on(form):
            by = request.user.get_username()
            records.approve(months=form.cleaned_data["months"], by=by, now=now)
            return model_admin.done(request, "The clock ends old records now.", rule.pk)
    return model_admin.page(
        request,
        "approve",
        title="Let them end",
        original=rule,
        form=form,
        due=records.due(now=now).count(),
        longest=records.period(now=now),
    )


@admin.register(RecordRule)
class RecordRuleAdmin(AuditedAdmin):
    pages = (
        Page(
            approve,
            "Let them end",
            "dsr.approve_recordrule",
            offered=lambda rule: rule.approved_months != rule.months,
        ),
    )
    list_display = (
        "law", "months", "citation", "mark", "valid_from", "valid_to", "approved_by",
    )  # fmt: skip
    readonly_fields = ("approved_months", "approved_by", "approved_at")
    fields = (
        "code", "law", "months", "citation", "mark", ("valid_from", "valid_to"),
        "approved_months", "approved_by", "approved_at",
    )  # fmt: skip

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A period ends with its last day; it does not disappear."""
        return False
