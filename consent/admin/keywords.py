"""Keywords: dated rows with their source; saves are recorded."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from consent import keywords
from consent.models import Keyword
from privacy.admin.base import AuditedAdmin


class KeywordForm(forms.ModelForm):
    def clean(self) -> dict[str, Any]:
        """The key is ours to make; two texts with one key are one keyword."""
        told: dict[str, Any] = super().clean() or self.cleaned_data
        if not {"text", "valid_from"} <= set(told):
            return told
        self.instance.key = key = keywords.key(told["text"])
        same = Keyword.objects.filter(key=key, valid_from=told["valid_from"])
        if not key:
            self.add_error("text", "Write a word: signs alone mean nothing.")
        elif same.exclude(pk=self.instance.pk).exists():
            self.add_error("text", "This keyword begins on that day already.")
        return told


@admin.register(Keyword)
class KeywordAdmin(AuditedAdmin):
    form = KeywordForm
    list_display = ["text", "meaning", "language", "rule", "valid_from", "valid_to"]
    list_filter = ["meaning"]
    search_fields = ["text"]
    fields = [
        "text",
        "meaning",
        "language",
        "rule",
        "citation",
        "valid_from",
        "valid_to",
    ]

    def has_delete_permission(
        self, request: HttpRequest, obj: Keyword | None = None
    ) -> bool:
        """A rule ends with its last day; it does not disappear."""
        return False
