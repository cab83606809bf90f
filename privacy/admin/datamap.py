"""The data map: what each column holds, where it comes from, and how it ends."""

import copy
from collections.abc import Mapping
from typing import Any

import yaml
from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from privacy import anonymity, destruction, strategies
from privacy.admin.base import AuditedAdmin, UncountedPaginator
from privacy.datamap import files
from privacy.models import Column, Link, Purpose, Table
from privacy.strategies import STRATEGIES


def settings_help() -> str:
    """Every treatment that takes settings, in the form's own words."""
    lines = (
        f"{strategy.label}: "
        + "; ".join(f"{each.name} ({each.help})" for each in strategy.parameters)
        for strategy in STRATEGIES.values()
        if strategy.parameters
    )
    return "Such as “years: 5, earliest: 1937”. " + " ".join(lines)


class ColumnForm(forms.ModelForm):
    """Classify a column, and say how its value ends."""

    purposes = forms.MultipleChoiceField(
        required=False, widget=forms.CheckboxSelectMultiple, label="Purposes"
    )
    ending = forms.ChoiceField(
        required=False,
        label="Treatment",
        help_text="What happens to the value when its time has come.",
    )

    settings = forms.CharField(
        required=False,
        label="Its settings",
        help_text=settings_help(),
        widget=forms.TextInput(attrs={"size": 60}),
    )

    class Meta:
        model = Column
        fields = (
            "state", "category", "source", "purposes", "identifier", "attribute",
            "whose", "free_text", "not_personal", "ground",
        )  # fmt: skip

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        purposes = Purpose.objects.values_list("code", "title")
        labels = [(name, strategy.label) for name, strategy in STRATEGIES.items()]
        self._field("purposes", choices=purposes)
        self._field(
            "ending",
            choices=[("", "Not decided"), *labels],
            initial=self.instance.treatment.get("strategy", ""),
        )
        self._field("settings", initial=written(self.instance.treatment))

    def _field(self, name: str, **attributes: Any) -> None:
        for attribute, value in attributes.items():
            if name in self.fields:  # view-only screens have no fields to fill
                setattr(self.fields[name], attribute, value)

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        self.treatment = self._treatment(said)
        if said.get("state") == Column.State.ACCEPTED:
            for field, sentence in incomplete(said).items():
                self.add_error(field, sentence)
        return said

    def _treatment(self, said: Mapping[str, Any]) -> dict[str, Any]:
        """With its settings; what can't be done to the column is refused here."""
        if not said.get("ending"):
            return {}
        try:
            settings = files.settings(said.get("settings", ""))
            treatment = strategies.read({"strategy": said["ending"], **settings})
            strategies.check(destruction.place_of(self._place(said)), treatment)
        except strategies.Unsupported as error:
            self.add_error("settings" if said.get("settings") else "ending", str(error))
            return {}
        return treatment

    def _place(self, said: Mapping[str, Any]) -> Column:
        column = copy.copy(self.instance)
        column.identifier = said.get("identifier", "")
        return column

    def save(self, commit: bool = True) -> Any:
        self.instance.treatment = self.treatment
        return super().save(commit)


def written(treatment: Mapping[str, Any]) -> str:
    """Settings as the form takes them: decimals: 1"""
    settings = {k: v for k, v in treatment.items() if k != "strategy"}
    text = yaml.safe_dump(settings, default_flow_style=True, width=1000)
    return text.strip().removeprefix("{").removesuffix("}") if settings else ""


def incomplete(said: Mapping[str, Any]) -> dict[str, str]:
    """What an accepted column still owes: field name to sentence."""
    if said.get("not_personal"):
        clash = {"not_personal": "It has a category; it can't also be not personal."}
        return clash if said.get("category") else {}
    owed = {
        "category": "Give it a category, or say below why it is not personal.",
        "source": "Say where it comes from.",
        "purposes": "Say what it is for.",
        "ending": "Say what happens to it in the end.",
    }
    if said.get("ending") != "keep":
        return {field: owed[field] for field in owed if not said.get(field)}
    owed["ground"] = "Say why the value is kept."
    return {field: owed[field] for field in owed if not said.get(field)}


@admin.action(description="Accept the proposals", permissions=["change"])
def accept(
    model_admin: "ColumnAdmin", request: HttpRequest, columns: QuerySet[Column]
) -> None:
    """Only what is proposed and complete; the rest waits for a person to fill it in."""
    proposed = columns.filter(state=Column.State.PROPOSED).select_related("table")
    taken = [c for c in proposed if not incomplete(_said(c)) and _can_end(c)]
    for column in taken:
        column.state = Column.State.ACCEPTED
        column.save(update_fields=["state"])
        model_admin.log_change(request, column, [{"changed": {"fields": ["state"]}}])
    left = columns.exclude(state=Column.State.ACCEPTED).count()
    messages.success(request, f"Accepted: {len(taken)}.")
    if left:
        messages.warning(request, f"Not complete, so still open: {left}.")


def _can_end(column: Column) -> bool:
    try:
        strategies.check(destruction.place_of(column), column.strategy)
    except strategies.Unsupported:
        return False
    return True


def _said(column: Column) -> dict[str, Any]:
    return {
        "not_personal": column.not_personal,
        "category": column.category_id,
        "source": column.source_id,
        "purposes": column.purposes,
        "ending": column.treatment.get("strategy", ""),
        "ground": column.ground,
    }


class DiscoveredAdmin(AuditedAdmin):
    """Rows come from the store itself; people say what they mean."""

    paginator = UncountedPaginator
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Column)
class ColumnAdmin(DiscoveredAdmin):
    form = ColumnForm
    actions = (accept,)
    list_display = (
        "__str__", "state", "category", "source", "strategy_name", "is_personal",
    )  # fmt: skip
    list_filter = ("state", "table__store", "category")
    list_select_related = ("table__store", "category", "source")
    search_fields = ("name", "table__name")
    readonly_fields = ("table", "full_name", "kind", "reason", "confidence", "effect")
    fieldsets = (
        (None, {"fields": ("table", "full_name", "kind", "state")}),
        (
            "What it holds",
            {"fields": ("category", "identifier", "attribute", "whose", "free_text",
                        "not_personal")},
        ),
        (
            "Why, and how it ends",
            {"fields": ("source", "purposes", "ending", "settings", "effect",
                        "ground")},
        ),
        ("What was found", {"fields": ("reason", "confidence")}),
    )  # fmt: skip

    @admin.display(description="What is left may be called")
    def effect(self, column: Column) -> str:
        if not column.treatment:
            return "—"
        finding = anonymity.attack(column)
        return f"{finding.effect.capitalize()}. {finding.sentence}"

    @admin.display(description="Treatment")
    def strategy_name(self, column: Column) -> str:
        name = column.treatment.get("strategy", "")
        return STRATEGIES[name].label if name in STRATEGIES else "—"

    @admin.display(description="Personal", boolean=True)
    def is_personal(self, column: Column) -> bool:
        return column.is_personal


class Columns(admin.TabularInline):
    """To read; each row leads to the form where it is classified."""

    model = Column
    fields = readonly_fields = ("full_name", "kind", "state", "category", "source")
    extra = 0
    can_delete = False
    show_change_link = True
    ordering = ("position", "path")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class Links(admin.TabularInline):
    model = Link
    fk_name = "table"
    fields = ("columns", "target", "target_columns", "role", "is_constraint")
    readonly_fields = ("columns", "target", "target_columns", "is_constraint")
    extra = 0
    can_delete = False
    verbose_name_plural = "Rows it refers to"

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Table)
class TableAdmin(DiscoveredAdmin):
    inlines = (Columns, Links)
    list_display = ("__str__", "title", "about", "erasure")
    list_filter = ("store", "about", "erasure")
    list_select_related = ("store",)
    search_fields = ("name", "title")
    fields = (
        "store", "schema", "name", "title", "key", "about", "start", "erasure",
        "ground", "k",
    )  # fmt: skip
    readonly_fields = ("store", "schema", "name", "key")
