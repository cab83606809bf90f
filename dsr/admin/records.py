"""How long records of requests name people, and the yes that lets them end."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from dsr import records
from dsr.models import RecordRule
from privacy.admin.base import Page, PeriodAdmin


def approve(
    model_admin: PeriodAdmin, request: HttpRequest, object_id: str
) -> HttpResponse:
    return model_admin.ask(
        request,
        object_id,
        page="approve",
        word=records,
        longest=records.period(now=timezone.now()),
        said="The clock ends old records now.",
    )


@admin.register(RecordRule)
class RecordRuleAdmin(PeriodAdmin):
    pages = (
        Page(
            approve,
            "Let them end",
            "dsr.approve_recordrule",
            offered=lambda rule: not rule.is_approved,
        ),
    )
    list_display = (
        "law", "months", "citation", "mark", "valid_from", "valid_to", "approved_by",
    )  # fmt: skip
    fields = (
        "code", "law", "months", "citation", "mark", ("valid_from", "valid_to"),
        "approved_months", "approved_by", "approved_at",
    )  # fmt: skip
