"""The audit trail: read it, search it, verify it."""

import json
import re

from django.contrib import admin
from django.http import HttpRequest, HttpResponse

from privacy import audit
from privacy.admin.base import ListOfMillions, Page, ViewOnlyAdmin
from privacy.models import AuditEvent

LONG_KEY = re.compile(r"\b([0-9a-f]{8})-[0-9a-f-]{27}\b")


def verify(model_admin: ViewOnlyAdmin, request: HttpRequest) -> HttpResponse:
    """A broken trail is a refusal, and shown as one."""
    count = audit.verify()
    sentence = f"The trail is whole: {count} rows, and each fits the one before it."
    return model_admin.done(request, sentence)


@admin.register(AuditEvent)
class AuditEventAdmin(ListOfMillions, ViewOnlyAdmin):
    nothing_yet = "Nothing is on the trail yet."
    pages = (
        Page(
            verify,
            "Verify the trail",
            "privacy.view_auditevent",
            on="list",
            at_once=True,
        ),
    )
    list_display = ("sequence", "at", "by", "what", "about")
    search_fields = ("subject", "action")
    search_help_text = "The whole subject (plan:…) or the whole action (plan.approved)."
    fields = (
        "sequence", "at", "by", "action", "subject", "details", "previous", "hash",
    )  # fmt: skip

    @admin.display(description="What")
    def what(self, row: AuditEvent) -> str:
        """“plan.approved” as words; the row's own page has the action as it is."""
        thing, _, done = row.action.partition(".")
        return f"{thing} {done}".replace("_", " ").strip().capitalize()

    @admin.display(description="About")
    def about(self, row: AuditEvent) -> str:
        """The kind and the start of its key; whole on the row's own page."""
        thing, _, key = row.subject.partition(":")
        short = LONG_KEY.sub(r"\1…", key)
        return f"{thing} {short}".replace("_", " ").strip()

    @admin.display(description="Details")
    def details(self, row: AuditEvent) -> str:
        said = json.loads(row.payload)["details"]
        return "; ".join(f"{name}: {value}" for name, value in said.items())
