"""For how many days a plan that serves a person's right can be undone."""

from django.contrib import admin

from privacy.admin.base import AuditedAdmin
from privacy.models import UndoPeriod


@admin.register(UndoPeriod)
class UndoPeriodAdmin(AuditedAdmin):
    nothing_yet = (
        "None set, so a finished plan cannot be undone. A period keeps the old values "
        "sealed for some days, so that a mistake can be undone."
    )
    list_display = ("right", "days")
