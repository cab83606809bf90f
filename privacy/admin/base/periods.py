"""How long records of the portal's own are kept: settings, and the way to their end."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from privacy import keeping
from privacy.admin.base.kinds import AuditedAdmin


class PeriodAdmin(AuditedAdmin):
    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A period ends with its last day; it does not disappear."""
        return False

    def look(self, request: HttpRequest, kind: keeping.Kind) -> HttpResponse:
        """What is past the period, as a plan that a second person approves."""
        by = request.user.get_username()
        made = keeping.preview(kind, by=by, now=timezone.now())
        said = (
            "This is what would end. Nothing has changed; another person approves it."
        )
        messages.success(request, said)
        return redirect("admin:privacy_plan_change", made.pk)
