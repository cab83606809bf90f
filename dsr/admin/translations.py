"""Translations of what rows say in English, for letters in other languages."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse

from dsr import languages, translations
from dsr.admin.base import LanguageFilter
from dsr.models import Translation
from privacy.admin.base import AuditedAdmin, Page


class TranslationForm(forms.ModelForm):
    language = forms.ChoiceField(
        choices=[each for each in languages.LANGUAGES.items() if each[0] != "en"]
    )


def missing(model_admin: AuditedAdmin, request: HttpRequest) -> HttpResponse:
    """Untranslated texts that a letter could need, each with the form that adds it."""
    left = translations.missing()
    return model_admin.page(
        request,
        "missing",
        title="Still in English",
        languages=[(code, languages.LANGUAGES[code], left[code]) for code in left],
        may_add=request.user.has_perm("dsr.add_translation"),
    )


@admin.register(Translation)
class TranslationAdmin(AuditedAdmin):
    form = TranslationForm
    pages = (Page(missing, "Still in English", "dsr.view_translation", on="list"),)
    list_display = ("original", "written_in", "text")
    list_filter = (LanguageFilter,)
    search_fields = ("original", "text")
    search_help_text = "Part of the English text or of the translation."
    fields = ("language", "original", "text")

    @admin.display(description="Language", ordering="language")
    def written_in(self, row: Translation) -> str:
        return languages.in_english(row.language)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {name: request.GET.get(name, "") for name in ("language", "original")}
