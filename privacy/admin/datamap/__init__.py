"""The data map: what each column holds, where it comes from, and how it ends."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from privacy import anonymity
from privacy.admin.base import AuditedAdmin, Page, UncountedPaginator
from privacy.admin.datamap import bulk
from privacy.admin.datamap.forms import ColumnForm
from privacy.admin.datamap.links import Links
from privacy.models import Column, Table
from privacy.strategies import STRATEGIES


class DiscoveredAdmin(AuditedAdmin):
    """These rows come from the store itself; people say what they mean."""

    paginator = UncountedPaginator
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


# Django's names of fields, as people call what is in them.
TYPES = {
    "Char": "Text", "Text": "Text", "JSON": "Document (JSON)", "Boolean": "Yes or no",
    "Date": "Date", "DateTime": "Date and time", "Time": "Time of day",
    "Duration": "Duration", "UUID": "Key (UUID)", "Binary": "Bytes",
    "GenericIPAddress": "IP address", "Array": "List", "Float": "Number",
    "Decimal": "Number", "Integer": "Whole number", "BigInteger": "Whole number",
    "SmallInteger": "Whole number", "Other": "Another database type",
}  # fmt: skip


class Typed:
    """Shows the type of a column in words."""

    @admin.display(description="Type")
    def type_of(self, column: Column) -> str:
        name = column.kind.removesuffix("Field")
        return TYPES.get(name, name)


class CertaintyFilter(admin.SimpleListFilter):
    title, parameter_name = "certainty", "certainty"
    bands = {"low": (0, 0.6), "middle": (0.6, 0.85), "high": (0.85, 1.01)}

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("low", "Below 60 %"), ("middle", "60 to 85 %"), ("high", "85 % and more"),
        ]  # fmt: skip

    def queryset(self, request: HttpRequest, columns: Any) -> Any:
        if self.value() not in self.bands:
            return columns
        least, most = self.bands[str(self.value())]
        return columns.filter(confidence__gte=least, confidence__lt=most)


class TableFilter(admin.SimpleListFilter):
    """Offers the tables of the store that is being looked at."""

    title, parameter_name = "table", "table"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        store = request.GET.get("table__store__id__exact", "")
        if not store.isdecimal():
            return []
        tables = Table.objects.filter(store_id=int(store))
        return [(str(table.pk), table.full_name) for table in tables]

    def queryset(self, request: HttpRequest, columns: Any) -> Any:
        said = str(self.value() or "")
        return columns.filter(table_id=int(said)) if said.isdecimal() else columns


@admin.register(Column)
class ColumnAdmin(Typed, DiscoveredAdmin):
    """Lists the least certain columns first, with the reason in words."""

    form = ColumnForm
    actions = (bulk.accept, bulk.classify)
    pages = (
        Page(bulk.state, "Stores and their maps", "privacy.view_column", on="list"),
    )
    list_display = (
        "__str__", "certainty", "state", "category", "identifier", "strategy_name",
        "why",
    )  # fmt: skip
    list_filter = (
        "state", CertaintyFilter, "table__store", "category", TableFilter,
    )  # fmt: skip
    list_per_page = 100
    ordering = ("confidence", "table", "position", "path")
    list_select_related = ("table__store", "category", "source")
    search_fields = ("name", "table__name")
    search_help_text = (
        "Column or table name. Keys: j and k move, x ticks, Enter opens, / returns "
        "here."
    )
    nothing_yet = (
        "No columns match. Columns appear once a database is connected; remove the "
        "filters to see all of them."
    )
    readonly_fields = ("table", "full_name", "type_of", "reason", "certainty", "effect")
    fieldsets = (
        (None, {"fields": ("table", "full_name", "type_of", "state")}),
        (
            "What it holds",
            {"fields": ("category", "identifier", "attribute", "whose", "free_text",
                        "not_personal")},
        ),
        (
            "Why it is kept, and how it ends",
            {"fields": ("source", "purposes", "ending", "settings", "effect",
                        "ground")},
        ),
        ("What was found", {"fields": ("reason", "certainty")}),
    )  # fmt: skip

    @admin.display(description="What remains may be called")
    def effect(self, column: Column) -> str:
        if not column.treatment:
            return "—"
        finding = anonymity.attack(column)
        return f"{finding.effect.capitalize()}. {finding.sentence}"

    class Media:
        js = ("list_keys.js",)

    @admin.display(description="Certainty", ordering="confidence")
    def certainty(self, column: Column) -> str:
        return f"{column.confidence:.0%}"

    @admin.display(description="Why")
    def why(self, column: Column) -> str:
        return column.not_personal or column.reason or "Classified by a person."

    @admin.display(description="Treatment")
    def strategy_name(self, column: Column) -> str:
        name = column.treatment.get("strategy", "")
        return STRATEGIES[name].label if name in STRATEGIES else "—"


class Columns(Typed, admin.TabularInline):
    """View-only; each row links to the form where the column is classified."""

    model = Column
    fields = readonly_fields = ("full_name", "type_of", "state", "category", "source")
    extra = 0
    can_delete = False
    show_change_link = True
    ordering = ("position", "path")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
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
        "ground", "k", "terms",
    )  # fmt: skip
    readonly_fields = ("store", "schema", "name", "key")
