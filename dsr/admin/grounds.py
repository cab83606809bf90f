"""Grounds of refusal: dated rows with their citation; saves are recorded."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from dsr.models import Ground
from privacy.admin.base import AuditedAdmin


@admin.register(Ground)
class GroundAdmin(AuditedAdmin):
    list_display = (
        "code", "regime", "title", "citation", "mark", "valid_from", "valid_to",
    )  # fmt: skip
    list_filter = ("mark",)
    search_fields = ("code", "regime")
    search_help_text = "A ground (LEGAL_OBLIG) or a law (US-CA), by its code."

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A ground ends with its last day; it does not disappear."""
        return False
