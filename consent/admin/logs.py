"""Where the platform logs what it sends: the caps count there, and late messages are
looked for there."""

from typing import Any

from django import forms
from django.contrib import admin

from consent.models import MessageLog
from privacy.admin.base import AuditedAdmin

COLUMNS = ("recipient", "sent_at", "direction", "kind", "organization", "sender")
VALUES = {"outbound": "direction", "marketing": "kind"}


class LogForm(forms.ModelForm):
    def clean(self) -> dict[str, Any]:
        """A column that is not there would be found out when a message waits."""
        told: dict[str, Any] = super().clean() or self.cleaned_data
        table = told.get("table")
        there = set(table.columns.values_list("name", flat=True)) if table else set()
        for field in COLUMNS:
            name = told.get(field)
            if table and name and name not in there:
                self.add_error(field, f"{table} has no column {name}.")
        for field, column in VALUES.items():
            if bool(told.get(field)) != bool(told.get(column)):
                self.add_error(field, "Name the column and its value, or neither.")
        return told


@admin.register(MessageLog)
class MessageLogAdmin(AuditedAdmin):
    form = LogForm
    nothing_yet = (
        "No table is marked as the log of messages. Without one nobody can count how "
        "many messages a person got, and where a cap applies the check says no."
    )
    list_display = ["table", "recipient", "sent_at", "organization", "sender"]
    autocomplete_fields = ["table"]
    fieldsets = [
        (None, {"fields": ["table", "recipient", "sent_at"]}),
        (
            "Which of its rows are marketing that we sent",
            {"fields": ["direction", "outbound", "kind", "marketing"]},
        ),
        ("From whom", {"fields": ["organization", "sender"]}),
    ]
