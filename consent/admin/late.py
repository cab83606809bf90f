"""Messages that went out after an opt-out, as the last look found them."""

from django.contrib import admin
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from consent import programs, tasks
from consent.admin.base import sender_of
from consent.models import LateMessage
from privacy.admin.base import ListOfMillions, Page, ViewOnlyAdmin


def look(model_admin: ViewOnlyAdmin, request: HttpRequest) -> HttpResponse:
    """A worker looks: a log may have millions of messages."""
    transaction.on_commit(lambda: tasks.look_again.delay(), robust=True)
    return model_admin.done(
        request, "A worker looks through the messages; reload soon."
    )


@admin.register(LateMessage)
class LateMessageAdmin(ListOfMillions, ViewOnlyAdmin):
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
        "No message went out after an opt-out when the platform's messages were last "
        "looked through. That happens with every check of the promises."
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[LateMessage]:
        rows = super().get_queryset(request).select_related("log__table__store")
        return programs.with_senders(rows)

    @admin.display(description="Message")
    def message(self, row: LateMessage) -> str:
        return f"{row.log.table}, row {row.key}"

    @admin.display(description="Person")
    def person(self, row: LateMessage) -> str:
        return row.identifier.hint or "(erased)"

    @admin.display(description="Sender")
    def sender(self, row: LateMessage) -> str:
        return sender_of(row)

    @admin.display(description="The opt-out")
    def opt_out(self, row: LateMessage) -> SafeString:
        url = reverse("admin:consent_event_change", args=[row.event_id])
        return format_html('<a href="{}">Event {}</a>', url, row.event_id)
