"""What all screens share: pages, view-only facts, audited settings, fast lists."""

import contextlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, update_wrapper
from typing import Any, Literal

from django.contrib import admin, messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import quote, unquote
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Model, Q, QuerySet
from django.forms import BaseForm
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.text import capfirst

from privacy import audit
from privacy.refusals import Refusal


# --- pages ------------------------------------------------------------------
@dataclass(frozen=True)
class Page:
    """One step beyond add, change and delete: an address, a button, a permission.

    `function` is `verb(model_admin, request, object_id)`, or without the id when the
    page hangs on the list. `offered` says for which rows the button makes sense; the
    domain function is what refuses the others. With `at_once` the button itself posts:
    nothing is asked first, so it is for what can be undone or repeated.
    """

    function: Callable[..., HttpResponse]
    label: str
    permission: str
    on: Literal["object", "list"] = "object"
    offered: Callable[[Any], bool] = lambda row: True
    at_once: bool = False

    @property
    def name(self) -> str:
        return self.function.__name__

    @property
    def route(self) -> str:
        return {"object": f"<path:object_id>/{self.name}/", "list": f"{self.name}/"}[
            self.on
        ]


class PagesAdmin(admin.ModelAdmin):
    """Gives each of `pages` an address and, to those who may open it, a button."""

    pages: tuple[Page, ...] = ()

    def get_urls(self) -> list[URLPattern]:
        own = [
            path(page.route, self._view(page), name=self._url_name(page.name))
            for page in self.pages
        ]
        return own + super().get_urls()

    def _url_name(self, name: str) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_{name}"

    def _view(self, page: Page) -> Callable[..., HttpResponse]:
        def view(request: HttpRequest, **where: str) -> HttpResponse:
            require(request, page.permission, page.label)
            key = unquote(where["object_id"]) if where else None
            if page.at_once and request.method != "POST":
                return self.back(key)  # an address that was kept, not a press
            try:
                return page.function(self, request, **where)
            except Refusal as refusal:
                messages.error(request, str(refusal))
                return self.back(key)

        return self.admin_site.admin_view(update_wrapper(view, page.function))

    # --- what a page calls --------------------------------------------------
    def row(self, request: HttpRequest, object_id: str) -> Any:
        """The object of an address, or "not found" in words."""
        found = self.get_object(request, unquote(object_id))
        if found is None:
            raise Http404(f"There is no such {self.opts.verbose_name}.")
        return found

    def page(self, request: HttpRequest, name: str, **context: Any) -> TemplateResponse:
        """The page's template, at admin/<app>/<model>/<name>.html.

        Pass `title`; with `original` (the object) the breadcrumbs lead back to it.
        """
        return TemplateResponse(
            request,
            f"admin/{self.opts.app_label}/{self.opts.model_name}/{name}.html",
            {**self.admin_site.each_context(request), "opts": self.opts, **context},
        )

    def done(
        self, request: HttpRequest, sentence: str, object_id: Any = None
    ) -> HttpResponseRedirect:
        messages.success(request, sentence)
        return self.back(object_id)

    def back(self, object_id: Any = None) -> HttpResponseRedirect:
        """To the object's own page, or to the list when there is no object."""
        where = "changelist" if object_id is None else "change"
        return HttpResponseRedirect(
            reverse(
                f"{self.admin_site.name}:{self._url_name(where)}",
                args=[] if object_id is None else [quote(object_id)],
            )
        )

    # --- buttons, and the way into the trail --------------------------------
    def buttons(self, request: HttpRequest, row: Any = None) -> list[dict[str, Any]]:
        args = [] if row is None else [quote(row.pk)]
        return [
            {
                "label": page.label,
                "url": reverse(f"admin:{self._url_name(page.name)}", args=args),
                "at_once": page.at_once,
            }
            for page in self.pages
            if (page.on == "list") == (row is None)
            and request.user.has_perm(page.permission)
            and (row is None or page.offered(row))
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        context = {
            "title": capfirst(self.opts.verbose_name_plural),
            "buttons": self.buttons(request),
            **(extra_context or {}),
        }
        with transaction.atomic():  # actions change rows and record it: both or none
            return super().changelist_view(request, context)

    def render_change_form(
        self,
        request: HttpRequest,
        context: Any,
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> HttpResponse:
        context["buttons"] = [] if obj is None else self.buttons(request, obj)
        context["may_see_trail"] = request.user.has_perm("privacy.view_auditevent")
        return super().render_change_form(request, context, add, change, form_url, obj)

    def audit_subject(self, row: Model) -> str:
        """How the trail names this row."""
        return f"{self.opts.model_name}:{row.pk}"

    def history_view(
        self,
        request: HttpRequest,
        object_id: str,
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The trail is the history; there is no second one."""
        row = self.row(request, object_id)
        if not self.has_view_permission(request, row):
            raise PermissionDenied
        trail = reverse("admin:privacy_auditevent_changelist")
        return HttpResponseRedirect(f"{trail}?subject={self.audit_subject(row)}")


def require(request: HttpRequest, permission: str, what: str) -> None:
    """Raises PermissionDenied, in words, unless the person may do it."""
    if not request.user.has_perm(permission):
        raise PermissionDenied(
            f"Your role does not allow “{what}”. It needs the permission {permission};"
            " an administrator can give you a role that has it."
        )


@contextlib.contextmanager
def shown_on(form: BaseForm) -> Iterator[None]:
    """A refusal inside becomes an error of the form, so that nothing typed is lost."""
    try:
        yield
    except Refusal as refusal:
        form.add_error(None, str(refusal))


# --- facts and settings -----------------------------------------------------
class ViewOnlyAdmin(PagesAdmin):
    """Facts: they change through pages that make one domain call, or not at all."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class AuditedAdmin(PagesAdmin):
    """Settings: a save writes one row of the trail, in the transaction of the save.

    The row names the fields that changed and none of their values. Django calls the
    three `log_` functions inside the transaction; they replace its own log.
    """

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        self._record(request, obj, "added", fields=_fields(message))

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        self._record(request, obj, "changed", fields=_fields(message))

    def log_deletions(self, request: HttpRequest, queryset: Iterable[Any]) -> Any:
        for row in queryset:
            self._record(request, row, "deleted")

    def _record(
        self, request: HttpRequest, row: Any, verb: str, **details: Any
    ) -> None:
        audit.record(
            action=f"{self.opts.model_name}.{verb}",
            subject=self.audit_subject(row),
            by=request.user.get_username(),
            now=timezone.now(),
            **details,
        )


def _fields(message: Any) -> list[str]:
    """Names alone, of the form and its inlines: Django's message has values too."""
    if isinstance(message, str):
        return []
    parts = [part for entry in message for part in entry.values()]
    return sorted({field for part in parts for field in part.get("fields", ())})


# --- lists of millions ------------------------------------------------------
class UncountedPaginator(Paginator):
    """Counts no further than `limit` rows: past that, people filter, not leaf."""

    limit = 1000

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list  # a query set, in the admin
        return rows.order_by()[: self.limit].count()

    @property
    def is_cut(self) -> bool:
        return self.count == self.limit


class KeysetList(ChangeList):
    """Newest first, from one key to the next: page 100,000 costs what page 1 costs."""

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
    """Nothing is counted, sorted or searched that an index does not answer.

    `search_fields` are matched exactly; give them an index. `list_filter` takes
    fields with choices, or filters of one's own: never one that asks for the
    distinct values of a column.
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
