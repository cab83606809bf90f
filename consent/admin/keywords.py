"""Keywords, phrases and word lists: dated, with a source; and a box to try them."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from consent import keywords
from consent.admin.base import DatedRuleAdmin, rule_in_words
from consent.carriers import CARRIERS
from consent.models import InboundMessage, Keyword, Phrase, WordList
from consent.models.dated import language_in_words
from privacy.admin.base import AuditedAdmin, Page

NAMES = [(name, name.capitalize()) for name in CARRIERS]


class TextsForm(forms.Form):
    texts = forms.CharField(
        label="Messages, one on each line",
        max_length=5000,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 6, "autofocus": True}),
        help_text="Invented messages only. Nothing is stored, and nobody is opted in "
        "or out.",
    )
    carrier = forms.ChoiceField(
        label="Brought by", required=False, choices=[("", "any carrier"), *NAMES]
    )
    line = forms.ChoiceField(
        label="Sent to",
        required=False,
        choices=[("", "any number of ours"), *Keyword.Line.choices],
    )


def try_it(model_admin: AuditedAdmin, request: HttpRequest) -> HttpResponse:
    """What texts mean by today's rules, and which rule decided."""
    form, found = TextsForm(request.POST or None), []
    if form.is_valid():
        said = form.cleaned_data
        by = keywords.Route(said["carrier"], said["line"])
        found = [(text, *_understood(text, by)) for text in said["texts"].splitlines()]
    return model_admin.page(
        request, "try_it", title="Try the rules", form=form, found=found
    )


def _understood(text: str, by: keywords.Route) -> tuple[str, str]:
    """The meaning, and the rule that gave it."""
    meaning = keywords.understand(text, timezone.now(), by)
    said = InboundMessage.Meaning(meaning.meaning).label
    return str(said), rule_in_words(meaning.rule)


TRY = Page(try_it, "Try it", permission="consent.view_keyword", on="list")


class KeywordForm(forms.ModelForm):
    carriers = forms.MultipleChoiceField(
        label="Only by these carriers",
        required=False,
        choices=NAMES,
        widget=forms.CheckboxSelectMultiple,
        help_text="None: whichever carrier brings it.",
    )
    lines = forms.MultipleChoiceField(
        label="Only to these kinds of number",
        required=False,
        choices=Keyword.Line.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text="None: whichever number of ours it is sent to.",
    )

    def clean(self) -> dict[str, Any]:
        """The key is computed; two texts with one key are one keyword."""
        told: dict[str, Any] = super().clean() or self.cleaned_data
        if not {"text", "valid_from"} <= set(told):
            return told
        self.instance.key = key = keywords.key(told["text"])
        limits = {name: told.get(name, []) for name in ("carriers", "lines")}
        same = Keyword.objects.filter(key=key, valid_from=told["valid_from"], **limits)
        if any(limits.values()) and self._weakens(key, told.get("meaning")):
            self.add_error(
                "meaning", "This word opts people out; no carrier can make it less."
            )
        if not key:
            self.add_error("text", "Write at least one word; signs alone mean nothing.")
        elif same.exclude(pk=self.instance.pk).exists():
            self.add_error(
                "text", "This keyword already has a row that begins on that day."
            )
        return told

    def _weakens(self, key: str, meaning: str | None) -> bool:
        """Whoever writes STOP has opted out, by whichever route."""
        stop = Keyword.Meaning.OPT_OUT
        stops = Keyword.objects.filter(key=key, meaning=stop, carriers=[], lines=[])
        return meaning != stop and stops.exclude(pk=self.instance.pk).exists()


@admin.register(Keyword)
class KeywordAdmin(DatedRuleAdmin):
    form = KeywordForm
    pages = (TRY,)
    list_display = [
        "text",
        "meaning",
        "limited_to",
        "read_in",
        "which",
        "valid_from",
        "valid_to",
    ]
    list_filter = ["meaning"]
    search_fields = ["text"]
    fields = [
        "text",
        "meaning",
        "also",
        "language",
        "carriers",
        "lines",
        "rule",
        "citation",
        "valid_from",
        "valid_to",
    ]

    @admin.display(description="Only for")
    def limited_to(self, row: Keyword) -> str:
        lines = [str(Keyword.Line(line).label).lower() for line in row.lines]
        return ", ".join([*map(str.capitalize, row.carriers), *lines]) or "-"

    @admin.display(description="Language", ordering="language")
    def read_in(self, row: Keyword | Phrase) -> str:
        return language_in_words(row.language)

    @admin.display(description="Rule", ordering="rule")
    def which(self, row: Keyword | Phrase) -> str:
        return rule_in_words(row.rule)


class PhraseForm(forms.ModelForm):
    def clean_text(self) -> str:
        text: str = self.cleaned_data["text"]
        rows = WordList.objects.values_list("name", "words")
        lists = {name: tuple(words) for name, words in rows}
        try:
            keywords.compiled(text, lists)
        except keywords.BadPattern as refusal:
            raise forms.ValidationError(str(refusal)) from None
        return text


class LanguageFilter(admin.SimpleListFilter):
    """Shows languages by name; `mul` would mean nothing to staff."""

    title = "language"
    parameter_name = "language"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        codes = Phrase.objects.order_by("language").values_list("language", flat=True)
        return [(code, language_in_words(code)) for code in codes.distinct()]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[Model]
    ) -> QuerySet[Model]:
        return queryset.filter(language=self.value()) if self.value() else queryset


@admin.register(Phrase)
class PhraseAdmin(DatedRuleAdmin):
    form = PhraseForm
    list_display = ["order", "text", "meaning", "read_in", "which", "valid_to"]
    list_display_links = ["text"]
    list_filter = ["meaning", LanguageFilter]
    search_fields = ["text", "rule"]
    read_in, which = KeywordAdmin.read_in, KeywordAdmin.which
    fields = [
        "text",
        "meaning",
        "order",
        "language",
        "rule",
        "citation",
        "valid_from",
        "valid_to",
    ]


class WordListForm(forms.ModelForm):
    def clean_words(self) -> list[str]:
        words: list[str] = self.cleaned_data["words"]
        pictures = self.instance.name == "signs"
        if not words or not (pictures or all(map(keywords.words_of, words))):
            raise forms.ValidationError("Write at least one word; signs are not words.")
        return words


@admin.register(WordList)
class WordListAdmin(AuditedAdmin):
    form = WordListForm
    list_display = ["name", "words_"]
    search_fields = ["name"]
    readonly_fields = ["name"]

    def has_delete_permission(
        self, request: HttpRequest, obj: WordList | None = None
    ) -> bool:
        """Phrases name it."""
        return False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    @admin.display(description="Words")
    def words_(self, row: WordList) -> str:
        return ", ".join(row.words[:12])
