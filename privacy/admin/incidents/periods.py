"""How long people affected by a breach stay named, and whose names would be removed."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse

from privacy import incidents
from privacy.admin.base import Page, PeriodAdmin
from privacy.models import IncidentPeriod


def look(model_admin: PeriodAdmin, request: HttpRequest) -> HttpResponse:
    return model_admin.look(request, incidents.keeping.KIND)


@admin.register(IncidentPeriod)
class IncidentPeriodAdmin(PeriodAdmin):
    pages = (
        Page(
            look,
            "Preview who would no longer be named",
            "privacy.preview_incidentperiod",
            on="list",
            at_once=True,
        ),
    )
    list_display = ("law", "months", "citation", "mark", "valid_from", "valid_to")
    fields = ("code", "law", "months", "citation", "mark", ("valid_from", "valid_to"))
