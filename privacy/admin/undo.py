"""For how many days what is ended for a right can be put back."""

from django.contrib import admin

from privacy.admin.base import AuditedAdmin
from privacy.models import UndoPeriod


@admin.register(UndoPeriod)
class UndoPeriodAdmin(AuditedAdmin):
    nothing_yet = (
        "None is set, so what was carried out cannot be put back. A period keeps the"
        " old values sealed for some days, to undo a mistake."
    )
    list_display = ("right", "days")
