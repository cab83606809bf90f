"""How long the portal keeps its own records, and the preview of their removal."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from privacy import keeping
from privacy.admin.base.kinds import AuditedAdmin


class PeriodAdmin(AuditedAdmin):
    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A period ends with its last day; it is never deleted."""
        return False

    def look(self, request: HttpRequest, kind: keeping.Kind) -> HttpResponse:
        """Makes the plan that would remove what is past the period; a second person
        approves it."""
        by = request.user.get_username()
        made = keeping.preview(kind, by=by, now=timezone.now())
        said = (
            "This is what would be removed. Nothing has changed yet; another "
            "person must approve it."
        )
        messages.success(request, said)
        return redirect("admin:privacy_plan_change", made.pk)
