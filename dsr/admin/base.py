"""What the screens of requests share: laws by name, rules that end and are never
deleted."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.utils import timezone

from dsr import deadlines, languages
from dsr.models import DeadlineRule
from dsr.representatives import CAPACITIES
from privacy.admin.base import AuditedAdmin

MANY = {
    "*": "Every law",
    "US-*": "Every state of the USA",
    deadlines.OUR_PROMISE: "Our own promise (no law named)",
}


def with_laws(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Each row with the title of its law, in the same query."""
    rules = DeadlineRule.objects.filter(regime=OuterRef("regime"))
    return rows.annotate(law_title=Subquery(rules.values("law")[:1]))


def law_of(row: Any, title: str | None = None) -> str:
    """In words; the code is what commands and files use."""
    if named := getattr(row, "asked_under", ""):
        return f"Our own promise, because {named} gave no such right"
    return in_words(row.regime, title or getattr(row, "law_title", None))


def in_words(code: str, title: str | None) -> str:
    """No code where it stands for no law."""
    if code == deadlines.OUR_PROMISE:
        return MANY[code]
    title = MANY.get(code) or title
    return f"{title} · {code}" if title else code


def laws() -> list[tuple[str, str]]:
    """By name, in alphabetical order; a law has to be chosen."""
    known = deadlines.regimes(on=deadlines.day_of(timezone.now()))
    named = sorted((law, in_words(code, law), code) for code, law in known)
    return [("", "—"), *((code, said) for _, said, code in named)]


class LanguageFilter(admin.SimpleListFilter):
    """Languages by their English names, as in the column beside it."""

    title = "language"
    parameter_name = "language"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(code, languages.in_english(code)) for code in languages.LANGUAGES]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(language=self.value()) if self.value() else queryset


class DatedRuleAdmin(AuditedAdmin):
    """A rule of a law: it ends with its last day and is never deleted."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return with_laws(super().get_queryset(request))

    @admin.display(description="Law", ordering="regime")
    def which(self, row: Any) -> str:
        return law_of(row)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class CapacityField(forms.ChoiceField):
    """Who asks: the person, or somebody for them."""

    def __init__(self) -> None:
        super().__init__(
            label="Who asks?",
            required=False,
            choices=[("", "The person themself"), *CAPACITIES.items()],
            help_text="Whoever asks for somebody else must show that they may, and "
            "gets our letters.",
        )
