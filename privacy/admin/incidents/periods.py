"""How long those whom a breach hit are named, and who would end by it."""

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
        Page(look, "See who would end", "privacy.preview_incidentperiod", on="list",
             at_once=True),
    )  # fmt: skip
    list_display = ("law", "months", "citation", "mark", "valid_from", "valid_to")
    fields = ("code", "law", "months", "citation", "mark", ("valid_from", "valid_to"))
