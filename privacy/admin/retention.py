"""Retention rules: how long rows may stay, and the preview of a sweep."""

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from privacy import retention, stores
from privacy.admin.base import AuditedAdmin, Page
from privacy.models import Rule


def preview(
    model_admin: AuditedAdmin, request: HttpRequest, object_id: str
) -> HttpResponse:
    """What a sweep would do, frozen as a plan that a second person approves."""
    rule: Rule = model_admin.row(request, object_id)
    by = request.user.get_username()
    with stores.reaching(rule.table.store):
        plan = retention.preview(rule=rule, by=by, now=timezone.now())
    messages.success(request, "This is what would go. A second person approves it.")
    return redirect("admin:privacy_plan_change", plan.pk)


@admin.register(Rule)
class RuleAdmin(AuditedAdmin):
    """A changed rule is not approved any more: its next sweep waits for a person."""

    pages = (Page(preview, "Preview", "privacy.add_plan", at_once=True),)
    list_display = ("title", "table", "period", "action", "is_active", "approved")
    list_filter = ("action", "is_active", "table__store")
    list_select_related = ("table__store",)
    readonly_fields = ("approved",)
    fieldsets = (
        (None, {"fields": ("name", "title", "is_active", "approved")}),
        (
            "What goes, and when",
            {"fields": ("table", "start", ("months", "days"), "action", "where",
                        "columns", "surge")},
        ),
        (
            "What is left must be anonymous",
            {"fields": (("k", "l"), "suppress")},
        ),
        (
            "Why",
            {"fields": ("category", "promise", "citation", "minimum_months",
                        "minimum_citation")},
        ),
    )  # fmt: skip

    @admin.display(description="Kept for")
    def period(self, rule: Rule) -> str:
        parts = {"months": rule.months, "days": rule.days}
        return ", ".join(f"{n} {unit}" for unit, n in parts.items() if n) or "at once"

    @admin.display(description="Approved")
    def approved(self, rule: Rule) -> str:
        if rule.pk and retention.is_approved(rule):
            return f"By {rule.approved_by}; sweeps start by themselves"
        return "Not as it reads now: its sweep waits for a person"
