"""How soon opt-outs are obeyed: the dated rules, and the list of late ones."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from consent import programs
from consent.admin.base import DatedRuleAdmin, FoundLate
from consent.models import HonourRule, LateOptOut


@admin.register(HonourRule)
class HonourRuleAdmin(DatedRuleAdmin):
    list_display = [
        "in_words",
        "whose",
        "what",
        "of_which",
        "period",
        "valid_from",
        "valid_to",
        "mark",
    ]
    search_fields = ["name"]
    fields = [
        "name",
        "jurisdiction",
        "what",
        "exemption",
        "quantity",
        "unit",
        "calendar",
        "citation",
        "mark",
        "valid_from",
        "valid_to",
    ]

    @admin.display(description="Of which messages")
    def of_which(self, row: HonourRule) -> str:
        return row.get_exemption_display() if row.exemption else "all"

    def formfield_for_choice_field(
        self, db_field: Any, request: HttpRequest, **named: Any
    ) -> Any:
        """Here an empty choice means every kind of message."""
        if db_field.name == "exemption":
            kinds = [each for each in db_field.choices if each[0]]
            named["choices"] = [("", "all"), *kinds]
        return super().formfield_for_choice_field(db_field, request, **named)


@admin.register(LateOptOut)
class LateOptOutAdmin(FoundLate):
    list_display = [
        "received_at",
        "enforced_at",
        "last_day",
        "person",
        "sender",
        "program",
    ]
    list_filter = ["route"]
    list_select_related = ["identifier", "program"]
    fields = [
        "opt_out",
        "received_at",
        "known_at",
        "enforced_at",
        "last_day",
        "by_rule",
        "person",
        "sender",
        "program",
        "route",
        "source",
    ]
    nothing_yet = (
        "Every opt-out had taken effect in time when the ledger was last checked. It "
        "is checked with the promises."
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[LateOptOut]:
        rows = super().get_queryset(request).select_related("rule")
        return programs.with_senders(rows)

    @admin.display(description="By which rule")
    def by_rule(self, row: LateOptOut) -> str:
        return f"{row.rule.period}: {row.rule.citation}"
