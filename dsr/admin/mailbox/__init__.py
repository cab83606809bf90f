"""Mails that wait, in working order: add, read, then open, join, stop or set aside."""

from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.timesince import timesince

from dsr import languages
from dsr.admin.base import law_of, with_laws
from dsr.admin.mailbox.pages import (
    ADD,
    add,
    download,
    hold,
    join,
    open_request,
    opt_out,
    read,
    set_aside,
)
from dsr.mailbox import queue
from dsr.models import Mail
from privacy.admin.base import ListOfMillions, Page, ViewOnlyAdmin

SETTLE = "dsr.settle_mail"
Verdict = Mail.Verdict


def is_open(mail: Mail) -> bool:
    return mail.verdict in (Verdict.QUEUE, Verdict.SET_ASIDE)


def is_waiting(mail: Mail) -> bool:
    return mail.verdict == Verdict.QUEUE


def is_for_legal(mail: Mail) -> bool:
    return mail.for_legal and is_open(mail)


class Waiting(admin.SimpleListFilter):
    """The mails that wait come first; the others are one step away."""

    title = "outcome"
    parameter_name = "became"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        others = [c for c in Verdict.choices if c[0] != Verdict.QUEUE]
        return [("legal", "Waits for Legal"), *others, ("all", "All")]

    def choices(self, changelist: Any) -> Any:
        first, *rest = super().choices(changelist)
        return [{**first, "display": Verdict.QUEUE.label}, *rest]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[Model]
    ) -> QuerySet[Model]:
        wanted = self.value() or Verdict.QUEUE
        if wanted == "legal":
            return queryset.filter(verdict=Verdict.QUEUE, for_legal=True)
        return queryset if wanted == "all" else queryset.filter(verdict=wanted)


@admin.register(Mail)
class MailAdmin(ListOfMillions, ViewOnlyAdmin):
    nothing_yet = (
        "No mail is waiting. Mail that the portal can't classify by itself comes here."
    )
    pages = (
        Page(add, "Add a mail", SETTLE, on="list"),
        Page(read, "Read", SETTLE),
        Page(open_request, "Open a request", SETTLE),
        Page(join, ADD, SETTLE),
        Page(opt_out, "Record an opt-out", SETTLE, offered=is_open),
        Page(hold, "Place a legal hold", "privacy.add_hold", offered=is_for_legal),
        Page(set_aside, "Set aside", SETTLE, offered=is_waiting),
        Page(download, "Download", SETTLE),
    )
    list_display = (
        "received_at", "read_by", "kind", "asks", "law", "reads", "sure", "waits",
        "for_legal", "reason",
    )  # fmt: skip
    list_filter = (Waiting,)
    fields = (
        "verdict", "reason", "for_legal", "kind", "asks", "law", "reads",
        "sure", "sender", "received_at", "taken_at", "requests", "decision",
        "settled_by", "settled_at",
    )  # fmt: skip
    readonly_fields = ("kind", "asks", "law", "reads", "sure", "requests")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Mail]:
        return with_laws(super().get_queryset(request))

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        title = (
            "Mails waiting" if Waiting.parameter_name not in request.GET else "Mails"
        )
        return super().changelist_view(
            request, {"title": title, **(extra_context or {})}
        )

    def buttons(self, request: HttpRequest, row: Any = None) -> list[dict[str, Any]]:
        """Before reading a mail, nothing else can be done with it."""
        found = super().buttons(request, row)
        if row is None or queue.has_read(row, request.user.get_username()):
            return found
        return [button for button in found if button["label"] == "Read"]

    @admin.display(description="What it is")
    def kind(self, mail: Mail) -> str:
        named = {"dsr": "request", "regulator": "authority"}
        return named.get(mail.category, mail.category.replace("_", " "))

    @admin.display(description="Asks for")
    def asks(self, mail: Mail) -> str:
        return (
            ", ".join(kind.replace("_", " ") for kind in mail.types) or "nothing known"
        )

    @admin.display(description="Law")
    def law(self, mail: Mail) -> str:
        return law_of(mail)

    @admin.display(description="Written in")
    def reads(self, mail: Mail) -> str:
        return languages.in_english(mail.language)

    @admin.display(description="How sure")
    def sure(self, mail: Mail) -> str:
        return f"{mail.confidence:.0%}"

    @admin.display(description="To be read by")
    def read_by(self, mail: Mail) -> str:
        if not is_waiting(mail):
            return ""
        day = queue.read_by(mail)
        return f"{day:%-d %b %Y}" + ", late" * (day < timezone.localdate())

    @admin.display(description="Waiting for")
    def waits(self, mail: Mail) -> str:
        return timesince(mail.taken_at) if is_waiting(mail) else "settled"

    @admin.display(description="Requests")
    def requests(self, mail: Mail) -> SafeString | str:
        pairs = [
            (reverse("admin:dsr_ticket_change", args=[ticket.pk]), ticket)
            for ticket in mail.tickets.all()
        ]
        return format_html_join(", ", '<a href="{}">{}</a>', pairs) or "none"
