"""Grounds of refusal: dated rows with their citation; saves are audited."""

from django.contrib import admin

from dsr.admin.base import DatedRuleAdmin
from dsr.models import Ground


@admin.register(Ground)
class GroundAdmin(DatedRuleAdmin):
    list_display = (
        "title", "which", "citation", "mark", "valid_from", "valid_to",
    )  # fmt: skip
    list_filter = ("mark",)
    search_fields = ("code", "regime")
    search_help_text = "A ground (LEGAL_OBLIG) or a law (US-CA), by its code."
