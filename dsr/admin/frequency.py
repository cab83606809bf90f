"""How often a law wants one person answered free: dated rows with their citation."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from dsr.models import FrequencyRule
from privacy.admin.base import AuditedAdmin


@admin.register(FrequencyRule)
class FrequencyRuleAdmin(AuditedAdmin):
    list_display = (
        "regime", "rights", "quantity", "per", "citation", "mark", "valid_from",
        "valid_to",
    )  # fmt: skip

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A rule ends with its last day; it does not disappear."""
        return False
