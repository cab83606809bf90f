"""Where all parties must consent before a call is recorded."""

from django.contrib import admin

from consent.admin.base import DatedRuleAdmin
from consent.models import RecordingRule


@admin.register(RecordingRule)
class RecordingRuleAdmin(DatedRuleAdmin):
    list_display = ["state", "citation", "mark", "valid_from", "valid_to"]
    search_fields = ["state"]
    fields = [
        "name",
        "state",
        "jurisdiction",
        "citation",
        "mark",
        "valid_from",
        "valid_to",
    ]
