"""Messages that were sent after an opt-out, as the last search found them."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from consent import programs
from consent.admin.base import FoundLate
from consent.models import LateMessage


@admin.register(LateMessage)
class LateMessageAdmin(FoundLate):
    list_display = [
        "sent_at",
        "opted_out_at",
        "person",
        "sender",
        "program",
        "is_marketing",
    ]
    list_filter = ["is_marketing"]
    list_select_related = ["identifier", "program"]
    fields = [
        "message",
        "sent_at",
        "opted_out_at",
        "person",
        "sender",
        "program",
        "is_marketing",
        "opt_out",
        "seen_at",
    ]
    nothing_yet = (
        "No message had gone out after an opt-out when the platform's messages were "
        "last checked. They are checked with the promises."
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[LateMessage]:
        rows = super().get_queryset(request).select_related("log__table__store")
        return programs.with_senders(rows)

    @admin.display(description="Message")
    def message(self, row: LateMessage) -> str:
        return f"{row.log.table}, row {row.key}"
