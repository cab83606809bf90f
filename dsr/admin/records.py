"""How long records of requests name people, and what would be removed."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse

from dsr import records
from dsr.models import RecordRule
from privacy.admin.base import Page, PeriodAdmin


def look(model_admin: PeriodAdmin, request: HttpRequest) -> HttpResponse:
    return model_admin.look(request, records.KIND)


@admin.register(RecordRule)
class RecordRuleAdmin(PeriodAdmin):
    pages = (
        Page(
            look,
            "Preview what would be removed",
            "dsr.preview_recordrule",
            on="list",
            at_once=True,
        ),
    )
    list_display = ("law", "months", "citation", "mark", "valid_from", "valid_to")
    fields = ("code", "law", "months", "citation", "mark", ("valid_from", "valid_to"))
