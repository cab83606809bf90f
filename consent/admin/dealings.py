"""Purchases and inquiries that imply consent, as reported to us."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from consent import programs
from consent.admin.base import DatedRuleAdmin, sender_of
from consent.models import Dealing, DealingRule
from privacy.admin.base import ListOfMillions, ViewOnlyAdmin


@admin.register(Dealing)
class DealingAdmin(ListOfMillions, ViewOnlyAdmin):
    nothing_yet = (
        "No purchase or inquiry is on record. Where the law lets one imply consent, as "
        "in Canada, the command “consent dealing” records it."
    )
    list_display = ["person", "sender", "kind", "happened_at", "ends_at"]
    list_filter = ["kind"]
    list_select_related = ["identifier"]
    fields = [
        "person",
        "sender",
        "kind",
        "happened_at",
        "ends_at",
        "citation",
        "source",
        "recorded_at",
        "recorded_by",
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Dealing]:
        return programs.with_senders(super().get_queryset(request))

    @admin.display(description="Person")
    def person(self, row: Dealing) -> str:
        return row.identifier.hint or "(erased)"

    @admin.display(description="Sender")
    def sender(self, row: Dealing) -> str:
        return sender_of(row)


@admin.register(DealingRule)
class DealingRuleAdmin(DatedRuleAdmin):
    list_display = ["jurisdiction", "sets", "valid_from", "valid_to", "mark"]
    search_fields = ["jurisdiction"]
    fields = [
        "name",
        "jurisdiction",
        "kind",
        "months",
        "citation",
        "mark",
        "valid_from",
        "valid_to",
    ]
