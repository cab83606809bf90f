"""How far a STOP reaches: dated rules; changing one derives every standing again."""

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from consent.admin.base import DatedRuleAdmin, derive_again
from consent.models import ScopeRule


@admin.register(ScopeRule)
class ScopeRuleAdmin(DatedRuleAdmin):
    list_display = [
        "in_words",
        "whose",
        "after_consented",
        "after_exempted",
        "valid_from",
        "valid_to",
        "mark",
    ]
    search_fields = ["name", "sentence"]
    fields = [
        "name",
        "jurisdiction",
        "sentence",
        "after_consented",
        "after_exempted",
        "citation",
        "mark",
        "valid_from",
        "valid_to",
    ]

    def save_model(
        self, request: HttpRequest, obj: ScopeRule, form: forms.ModelForm, change: bool
    ) -> None:
        super().save_model(request, obj, form, change)
        derive_again(request)
