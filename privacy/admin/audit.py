"""The audit trail: read it, search it, ask for it to be verified."""

import json
import re
from typing import Any

from django.contrib import admin, messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from privacy import tasks, verification
from privacy.admin.base import ListOfMillions, Page, ViewOnlyAdmin
from privacy.models import AuditEvent, TrailVerification

LONG_KEY = re.compile(r"\b([0-9a-f]{8})-[0-9a-f-]{27}\b")


def verify(model_admin: ViewOnlyAdmin, request: HttpRequest) -> HttpResponse:
    """A worker verifies the trail, however long it is; the result has a page of its
    own."""
    with transaction.atomic():
        row = verification.ask(by=request.user.get_username(), now=timezone.now())
        transaction.on_commit(lambda: tasks.verify_trail.delay(), robust=True)
    messages.success(
        request, "A worker is verifying the trail; reload to see its progress."
    )
    return redirect("admin:privacy_trailverification_change", row.pk)


def found(model_admin: ViewOnlyAdmin, request: HttpRequest) -> HttpResponse:
    """The latest verification comes first."""
    return redirect("admin:privacy_trailverification_changelist")


@admin.register(AuditEvent)
class AuditEventAdmin(ListOfMillions, ViewOnlyAdmin):
    nothing_yet = "The audit trail is empty."
    pages = (
        Page(
            verify,
            "Verify the trail",
            "privacy.view_auditevent",
            on="list",
            at_once=True,
        ),
        Page(found, "Verifications", "privacy.view_auditevent", on="list"),
    )
    list_display = ("sequence", "at", "by", "what", "about")
    search_fields = ("subject", "action")
    search_help_text = "The full subject (plan:…) or the full action (plan.approved)."
    fields = (
        "sequence", "at", "by", "action", "subject", "details", "previous", "hash",
    )  # fmt: skip

    @admin.display(description="What")
    def what(self, row: AuditEvent) -> str:
        """“plan.approved” in words; the row's own page shows the action unchanged."""
        thing, _, done = row.action.partition(".")
        return f"{thing} {done}".replace("_", " ").strip().capitalize()

    @admin.display(description="About")
    def about(self, row: AuditEvent) -> str:
        """The kind of row and the start of its key; the row's own page shows all of
        it."""
        thing, _, key = row.subject.partition(":")
        short = LONG_KEY.sub(r"\1…", key)
        return f"{thing} {short}".replace("_", " ").strip()

    @admin.display(description="Details")
    def details(self, row: AuditEvent) -> str:
        said = json.loads(row.payload)["details"]
        return "; ".join(f"{name}: {value}" for name, value in said.items())


@admin.register(TrailVerification)
class TrailVerificationAdmin(ViewOnlyAdmin):
    """Whoever may read the trail may read how it was verified."""

    nothing_yet = (
        "The trail has not been verified yet. Start it from the list of audit events."
    )
    list_display = ("asked_at", "asked_by", "state", "rows", "finished_at", "problem")
    fields = list_display

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("privacy.view_auditevent")

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)
