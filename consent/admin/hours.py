"""When marketing may be sent where people are: dated rules."""

from django.contrib import admin

from consent.admin.base import DatedRuleAdmin, PlaceForm
from consent.models import HoursRule


@admin.register(HoursRule)
class HoursRuleAdmin(DatedRuleAdmin):
    form = PlaceForm
    list_display = [
        "jurisdiction",
        "weekdays",
        "saturday",
        "sunday",
        "on_holidays",
        "cap",
        "valid_from",
        "valid_to",
        "mark",
    ]
    list_display_links = ["jurisdiction"]
    search_fields = ["jurisdiction"]
    fields = [
        "name",
        "jurisdiction",
        "weekdays",
        "saturday",
        "sunday",
        "on_holidays",
        "zones",
        "cap",
        "citation",
        "mark",
        "valid_from",
        "valid_to",
    ]
