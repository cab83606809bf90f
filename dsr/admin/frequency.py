"""How often a law gives one person a free answer: dated rows with their citation."""

from django.contrib import admin

from dsr.admin.base import DatedRuleAdmin
from dsr.models import FrequencyRule, Right


@admin.register(FrequencyRule)
class FrequencyRuleAdmin(DatedRuleAdmin):
    list_display = (
        "which", "of_rights", "quantity", "per", "citation", "mark", "valid_from",
        "valid_to",
    )  # fmt: skip

    @admin.display(description="Rights")
    def of_rights(self, rule: FrequencyRule) -> str:
        return ", ".join(Right(right).label for right in rule.rights)
