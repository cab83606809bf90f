"""The two kinds of admin screens: view-only facts, and settings whose changes are
audited."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from privacy import audit
from privacy.admin.base.pages import PagesAdmin


class ViewOnlyAdmin(PagesAdmin):
    """Facts: they change through pages that make one domain call, or not at all."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class AuditedAdmin(PagesAdmin):
    """Settings: a save writes one row of the audit trail in its own transaction.

    The row names the fields that changed, without their values. Django calls the three
    `log_` methods inside that transaction; here they replace Django's own log.
    """

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        self._record(request, obj, "added", fields=_fields(message))

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        self._record(request, obj, "changed", fields=_fields(message))

    def log_deletions(self, request: HttpRequest, queryset: Iterable[Any]) -> Any:
        for row in queryset:
            self._record(request, row, "deleted")

    def _record(
        self, request: HttpRequest, row: Any, verb: str, **details: Any
    ) -> None:
        audit.record(
            action=f"{self.opts.model_name}.{verb}",
            subject=self.audit_subject(row),
            by=request.user.get_username(),
            now=timezone.now(),
            **details,
        )


def _fields(message: Any) -> list[str]:
    """Field names only, of the form and its inlines: Django's own message would contain
    values."""
    if isinstance(message, str):
        return []
    parts = [part for entry in message for part in entry.values()]
    return sorted({field for part in parts for field in part.get("fields", ())})
