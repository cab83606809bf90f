"""Lists that stay fast at ten million rows."""

from functools import cached_property
from typing import Any

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest


class UncountedPaginator(Paginator):
    """Counts no further than `limit` rows: with more, people filter instead of
    paging."""

    limit = 1000

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list  # a query set, in the admin
        return rows.order_by()[: self.limit].count()

    @property
    def is_cut(self) -> bool:
        return self.count == self.limit


class KeysetList(ChangeList):
    """Newest first, paged by key: page 100,000 costs no more than page 1."""

    BEFORE = "before"
    before: str | None = None

    def get_queryset(self, request: HttpRequest, *args: Any, **named: Any) -> QuerySet:
        if self.BEFORE in self.params:
            self.before = self.params.pop(self.BEFORE)
            self.filter_params.pop(self.BEFORE)
        return super().get_queryset(request, *args, **named)

    def get_ordering(self, request: HttpRequest, queryset: QuerySet) -> Any:
        return ["-pk"]

    def get_results(self, request: HttpRequest) -> None:
        rows = list(self._older_than(self.before)[: self.list_per_page + 1])
        self.result_list = rows[: self.list_per_page]
        self.result_count = self.full_result_count = len(self.result_list)
        self.paginator = UncountedPaginator(self.queryset, self.list_per_page)
        self.multi_page = self.can_show_all = self.show_full_result_count = False
        self.show_admin_actions = bool(rows)
        self.is_keyset = True
        self.newest_link = self.get_query_string() if self.before else ""
        self.older_link = ""
        if len(rows) > self.list_per_page:
            last = {self.BEFORE: str(self.result_list[-1].pk)}
            self.older_link = self.get_query_string(last)

    def _older_than(self, key: str | None) -> QuerySet:
        if key is None:
            return self.queryset
        try:
            return self.queryset.filter(pk__lt=self.opts.pk.to_python(key))
        except ValidationError as error:
            raise IncorrectLookupParameters from error


class ListOfMillions(admin.ModelAdmin):
    """Counts, sorts and searches nothing that has no index.

    `search_fields` are matched exactly and need an index. `list_filter` takes fields
    with choices, or filters of our own, but never one that asks for the distinct values
    of a column.
    """

    list_per_page = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    sortable_by = ()

    def get_changelist(self, request: HttpRequest, **named: Any) -> type[ChangeList]:
        return KeysetList

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        if not search_term.strip():
            return queryset, False
        exact = Q()
        for field in self.search_fields:
            exact |= Q(**{field: search_term.strip()})
        return queryset.filter(exact), False
