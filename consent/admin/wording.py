"""What the answers of programs must say, by language."""

from django import forms
from django.contrib import admin

from consent import keywords
from consent.admin.base import DatedRuleAdmin
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
    list_display = ["in_words", "where", "valid_from", "valid_to"]
    list_filter = ["where"]
    search_fields = ["name", "thing"]
    fields = [
        "where",
        "thing",
        "language",
        "patterns",
        "jurisdiction",
        "citation",
        "mark",
        "valid_from",
        "valid_to",
        "name",
    ]
