"""Deadlines: dated rows with their citation; saves are audited."""

from django import forms
from django.contrib import admin

from dsr import deadlines
from dsr.admin.base import DatedRuleAdmin
from dsr.models import DeadlineRule


class DeadlineForm(forms.ModelForm):
    """Refuses a calendar that does not exist."""

    def clean_calendar(self) -> str:
        name = str(self.cleaned_data["calendar"]).strip()
        try:
            deadlines.check_calendar(name)
        except deadlines.UnknownCalendar as refusal:
            raise forms.ValidationError(str(refusal)) from None
        return name


@admin.register(DeadlineRule)
class DeadlineRuleAdmin(DatedRuleAdmin):
    form = DeadlineForm
    list_display = (
        "which", "right", "answer", "longest", "citation", "mark", "valid_from",
        "valid_to",
    )  # fmt: skip
    list_filter = ("right", "mark")
    search_fields = ("regime", "law")
    search_help_text = "A law, by its code (US-CA) or part of its name."
    fieldsets = (
        ("Which law, and for what", {"fields": ("code", "regime", "law", "right")}),
        ("The answer", {"fields": (
            ("quantity", "unit"), "calendar", "rolls", "days_early",
            "silence_is_refusal",
        )}),
        ("What stops the clock", {"fields": (
            "identity_starts_clock", "clarification_stops_clock",
        )}),
        ("Extended to, counted from receipt", {"fields": (
            ("extension_quantity", "extension_unit"),
        )}),
        ("Acknowledgement", {"fields": (
            ("acknowledgement_quantity", "acknowledgement_unit"),
        )}),
        ("Source", {"fields": (
            "citation", "mark", ("valid_from", "valid_to"),
        )}),
    )  # fmt: skip

    @admin.display(description="answer within")
    def answer(self, rule: DeadlineRule) -> str:
        return _in_words(rule.quantity, rule.get_unit_display())

    @admin.display(description="with extension")
    def longest(self, rule: DeadlineRule) -> str:
        if rule.extension_quantity is None:
            return "none"
        return _in_words(rule.extension_quantity, rule.get_extension_unit_display())


def _in_words(quantity: int, unit: str) -> str:
    """“1 month”, “45 calendar days”."""
    return f"{quantity} {unit.removesuffix('s') if quantity == 1 else unit}"
