"""For how many days what is ended for a right can be put back."""

from django.contrib import admin

from privacy.admin.base import AuditedAdmin
from privacy.models import UndoPeriod


@admin.register(UndoPeriod)
class UndoPeriodAdmin(AuditedAdmin):
    list_display = ("right", "days")
