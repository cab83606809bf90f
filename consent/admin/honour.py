"""How soon opt-outs are obeyed: the dated rules, and the list of late ones."""

from typing import Any

from django.contrib import admin
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from consent import programs, tasks
from consent.admin.base import DatedRuleAdmin, sender_of
from consent.models import HonourRule, LateOptOut
from privacy.admin.base import ListOfMillions, Page, ViewOnlyAdmin


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
        """Here none stands for every message, and not for a kind of its own."""
        if db_field.name == "exemption":
            kinds = [each for each in db_field.choices if each[0]]
            named["choices"] = [("", "all"), *kinds]
        return super().formfield_for_choice_field(db_field, request, **named)


def look(model_admin: ViewOnlyAdmin, request: HttpRequest) -> HttpResponse:
    """A worker looks: the ledger may have millions of events."""
    transaction.on_commit(lambda: tasks.look_again.delay(), robust=True)
    return model_admin.done(request, "A worker looks through them; reload soon.")


@admin.register(LateOptOut)
class LateOptOutAdmin(ListOfMillions, ViewOnlyAdmin):
    pages = (
        Page(
            look,
            "Look again",
            permission="privacy.add_promisecheck",
            on="list",
            at_once=True,
        ),
    )
    list_display = [
        "received_at",
        "known_at",
        "enforced_at",
        "last_day",
        "person",
        "sender",
        "program",
        "route",
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
        "Every opt-out took effect in time when the ledger was last looked through. "
        "That happens with every check of the promises."
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[LateOptOut]:
        rows = super().get_queryset(request).select_related("rule")
        return programs.with_senders(rows)

    @admin.display(description="Person")
    def person(self, row: LateOptOut) -> str:
        return row.identifier.hint or "(erased)"

    @admin.display(description="Sender")
    def sender(self, row: LateOptOut) -> str:
        return sender_of(row)

    @admin.display(description="By which rule")
    def by_rule(self, row: LateOptOut) -> str:
        return f"{row.rule.period}: {row.rule.citation}"

    @admin.display(description="The opt-out")
    def opt_out(self, row: LateOptOut) -> SafeString:
        url = reverse("admin:consent_event_change", args=[row.event_id])
        return format_html('<a href="{}">Event {}</a>', url, row.event_id)
