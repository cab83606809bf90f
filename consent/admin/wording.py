"""What the answers of programs must say, by language."""

from django import forms
from django.contrib import admin

from consent import keywords
from consent.admin.base import DatedRuleAdmin, language_in_words
from consent.models import Wording


class WordingForm(forms.ModelForm):
    def clean_patterns(self) -> list[str]:
        patterns: list[str] = self.cleaned_data["patterns"]
        try:
            for each in patterns:
                keywords.compiled(each, {})
        except keywords.BadPattern as refusal:
            raise forms.ValidationError(str(refusal)) from None
        return patterns


@admin.register(Wording)
class WordingAdmin(DatedRuleAdmin):
    form = WordingForm
    list_display = ["name", "where", "thing", "read_in", "valid_from", "valid_to"]
    list_filter = ["where"]
    search_fields = ["name", "thing"]
    fields = [
        "name",
        "where",
        "language",
        "thing",
        "patterns",
        "jurisdiction",
        "citation",
        "mark",
        "valid_from",
        "valid_to",
    ]

    @admin.display(description="Language", ordering="language")
    def read_in(self, row: Wording) -> str:
        return language_in_words(row.language)
