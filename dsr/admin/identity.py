"""How sure each law wants us to be: dated rows with their citation."""

from django.contrib import admin

from dsr.admin.base import DatedRuleAdmin
from dsr.models import IdentityRule


@admin.register(IdentityRule)
class IdentityRuleAdmin(DatedRuleAdmin):
    list_display = (
        "which", "right", "level", "points", "declaration", "citation", "mark",
        "valid_from", "valid_to",
    )  # fmt: skip
    list_filter = ("level", "right")
    search_fields = ("regime",)
    search_help_text = "A law, by its code (US-CA), or * for the rules of every law."
