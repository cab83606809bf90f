"""Retention rules: how long rows may stay, and the preview of a sweep."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from privacy import retention, stores
from privacy.admin.base import AuditedAdmin, Page
from privacy.models import Rule, Table
from privacy.refusals import Refusal


class RuleForm(forms.ModelForm):
    """Conditions on other tables are entered as sentences, one on each line."""

    others = forms.CharField(
        required=False,
        label="Rows of other tables",
        widget=forms.Textarea(attrs={"rows": 2, "cols": 60}),
        help_text="One condition a line, such as “without invoice.invoice_date since "
        "2025-01-01” or “with subscription by owner_id”. Without a day, a date is "
        "compared with the period of this rule.",
    )

    class Meta:
        model = Rule
        fields = (
            "name", "title", "is_active", "table", "start", "months", "days", "action",
            "where", "columns", "surge", "k", "l", "suppress", "category", "promise",
            "citation", "minimum_months", "minimum_citation",
        )  # fmt: skip

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if "others" in self.fields:  # view-only screens have no fields to fill
            self.fields["others"].initial = retention.sentences(self.instance)

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if isinstance(table := said.get("table"), Table) and "start" in said:
            try:
                self.instance.linked = retention.others(
                    table=table, start=said["start"], text=said.get("others", "")
                )
            except Refusal as refused:
                self.add_error("others", str(refused))
        return said


def preview(
    model_admin: AuditedAdmin, request: HttpRequest, object_id: str
) -> HttpResponse:
    """Makes the sweep's plan, frozen, for a second person to approve."""
    rule: Rule = model_admin.row(request, object_id)
    by = request.user.get_username()
    with stores.reaching(rule.table.store):
        plan = retention.preview(rule=rule, by=by, now=timezone.now())
    messages.success(
        request, "This is what would change. A second person must approve it."
    )
    return redirect("admin:privacy_plan_change", plan.pk)


def preview_due(model_admin: AuditedAdmin, request: HttpRequest) -> HttpResponse:
    """Previews every rule that waits for its first approval."""
    by = request.user.get_username()
    made, refused = retention.preview_due(by=by, now=timezone.now())
    for sentence in refused:
        messages.error(request, sentence)
    if not made:
        return model_admin.done(request, "No rule is waiting for its first approval.")
    said = f"{len(made)} sweeps are planned. A second person must approve them."
    messages.success(request, said)
    return redirect("admin:privacy_plan_changelist")


@admin.register(Rule)
class RuleAdmin(AuditedAdmin):
    """Changing a rule withdraws its approval: its next sweep waits for a person."""

    form = RuleForm
    pages = (
        Page(preview, "Preview", "privacy.add_plan", at_once=True),
        Page(preview_due, "Preview all waiting rules", "privacy.add_plan", on="list",
             at_once=True),
    )  # fmt: skip
    list_display = ("title", "table", "period", "action", "is_active", "approved")
    list_filter = ("action", "is_active", "table__store")
    list_select_related = ("table__store",)
    readonly_fields = ("approved",)
    fieldsets = (
        (None, {"fields": ("name", "title", "is_active", "approved")}),
        (
            "What is removed, and when",
            {"fields": ("table", "start", ("months", "days"), "action", "where",
                        "others", "columns", "surge")},
        ),
        (
            "What remains must be anonymous",
            {"fields": (("k", "l"), "suppress")},
        ),
        (
            "Why",
            {"fields": ("category", "promise", "citation", "minimum_months",
                        "minimum_citation")},
        ),
    )  # fmt: skip

    @admin.display(description="Rows of other tables")
    def others(self, rule: Rule) -> str:
        """The conditions on other tables, for those who may only view the rule."""
        return retention.sentences(rule) or "-"

    @admin.display(description="Kept for")
    def period(self, rule: Rule) -> str:
        parts = {"months": rule.months, "days": rule.days}
        return ", ".join(f"{n} {unit}" for unit, n in parts.items() if n) or "at once"

    @admin.display(description="Approved")
    def approved(self, rule: Rule) -> str:
        if rule.pk and retention.is_approved(rule):
            return f"By {rule.approved_by}; sweeps start by themselves"
        if not rule.approved_by:
            return "Not yet: its sweep waits for a person"
        return "Changed since approval: its sweep waits for a person"
