"""How sure each law wants us to be: dated rows with their citation."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from dsr.models import IdentityRule
from privacy.admin.base import AuditedAdmin


@admin.register(IdentityRule)
class IdentityRuleAdmin(AuditedAdmin):
    list_display = (
        "regime", "right", "level", "citation", "mark", "valid_from", "valid_to",
    )  # fmt: skip
    list_filter = ("level", "right")
    search_fields = ("regime",)
    search_help_text = "A law, by its code (US-CA), or * for the rules of every law."

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A rule ends with its last day; it does not disappear."""
        return False
