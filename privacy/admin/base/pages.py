"""Admin pages beyond add, change and delete: each an address, a button and a
permission."""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import update_wrapper
from typing import Any, Literal

from django.contrib import admin, messages
from django.contrib.admin.utils import quote, unquote
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Model
from django.forms import BaseForm
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.text import capfirst

from privacy import staff
from privacy.refusals import Refusal

OPAQUE = "application/octet-stream"


@dataclass(frozen=True)
class Page:
    """One page beyond add, change and delete.

    `function` is `verb(model_admin, request, object_id)`, or without the id when the
    page belongs to the list. `offered` says for which rows the button is shown, and
    `needs_another` to whom it is not, because somebody else must do it: they read who
    can. The domain function refuses all others. With `at_once` the button posts without
    asking first, so it is only for what can be undone or repeated.
    """

    function: Callable[..., HttpResponseBase]
    label: str
    permission: str
    on: Literal["object", "list"] = "object"
    offered: Callable[[Any], bool] = lambda row: True
    needs_another: Callable[[Any, str], bool] = lambda row, by: False
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
    """Gives each of `pages` an address, and a button to those who may open it."""

    pages: tuple[Page, ...] = ()
    show_facets = admin.ShowFacets.NEVER  # a count of each filter reads whole tables
    nothing_yet = ""  # what an empty list says: what would be here, and how it comes

    def get_urls(self) -> list[URLPattern]:
        own = [
            path(page.route, self._view(page), name=self._url_name(page.name))
            for page in self.pages
        ]
        return own + super().get_urls()

    def _url_name(self, name: str) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_{name}"

    def _view(self, page: Page) -> Callable[..., HttpResponseBase]:
        def view(request: HttpRequest, **where: str) -> HttpResponseBase:
            require(request, page.permission, page.label)
            if not self.has_view_or_change_permission(request):
                raise PermissionDenied  # a page of rows that one may not see
            key = unquote(where["object_id"]) if where else None
            if page.at_once and request.method != "POST":
                return self.back(key)  # an address that was kept, not a press
            try:
                return page.function(self, request, **where)
            except Refusal as refusal:
                messages.error(request, str(refusal))
                return self.back(key)

        update_wrapper(view, page.function)
        view.permission = page.permission  # type: ignore[attr-defined]
        return self.admin_site.admin_view(view)

    # --- what a page calls --------------------------------------------------
    def row(self, request: HttpRequest, object_id: str) -> Any:
        """The object of this address; raises Http404 with a message in words."""
        found = self.get_object(request, unquote(object_id))
        if found is None:
            raise Http404(f"There is no such {self.opts.verbose_name}.")
        return found

    def page(self, request: HttpRequest, name: str, **context: Any) -> TemplateResponse:
        """Renders admin/<app>/<model>/<name>.html.

        Pass `title`; with `original` (the object) the breadcrumbs lead back to it.
        """
        return TemplateResponse(
            request,
            f"admin/{self.opts.app_label}/{self.opts.model_name}/{name}.html",
            {**self.admin_site.each_context(request), "opts": self.opts, **context},
        )

    def step(
        self,
        request: HttpRequest,
        name: str,
        *,
        form: BaseForm,
        act: Callable[..., Any],
        said: str | Callable[[Any], str],
        original: Any = None,
        **context: Any,
    ) -> HttpResponse:
        """A page with a form.

        A valid form makes the one domain call `act(by=, now=, **cleaned_data)`; `said`
        gives the message about its result. It redirects to `original`, or without one
        to what `act` returned. A refusal becomes an error of the form.
        """
        if request.method == "POST" and form.is_valid():
            by, now = request.user.get_username(), timezone.now()
            with shown_on(form):
                result = act(**form.cleaned_data, by=by, now=now)
                sentence = said if isinstance(said, str) else said(result)
                return self.done(request, sentence, (original or result).pk)
        if original is not None:
            context["original"] = original
        return self.page(request, name, form=form, **context)

    def done(
        self, request: HttpRequest, sentence: str, object_id: Any = None
    ) -> HttpResponseRedirect:
        messages.success(request, sentence)
        return self.back(object_id)

    def back(self, object_id: Any = None) -> HttpResponseRedirect:
        """Redirects to the object's page, or to the list when there is no object."""
        where = "changelist" if object_id is None else "change"
        return HttpResponseRedirect(
            reverse(
                f"{self.admin_site.name}:{self._url_name(where)}",
                args=[] if object_id is None else [quote(object_id)],
            )
        )

    # --- buttons, and the way into the trail --------------------------------
    def buttons(self, request: HttpRequest, row: Any = None) -> list[dict[str, Any]]:
        args, by = [] if row is None else [quote(row.pk)], request.user.get_username()
        return [
            {
                "label": page.label,
                "url": reverse(f"admin:{self._url_name(page.name)}", args=args),
                "at_once": page.at_once,
                "others": staff.who_else(page.permission, by)
                if row is not None and page.needs_another(row, by)
                else None,
            }
            for page in self.pages
            if (page.on == "list") == (row is None)
            and request.user.has_perm(page.permission)
            and self.has_view_or_change_permission(request)
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
        """The subject by which the audit trail names this row."""
        return f"{self.opts.model_name}:{row.pk}"

    def history_view(
        self,
        request: HttpRequest,
        object_id: str,
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The audit trail is the history; Django's own is not kept."""
        row = self.row(request, object_id)
        if not self.has_view_permission(request, row):
            raise PermissionDenied
        trail = reverse("admin:privacy_auditevent_changelist")
        return HttpResponseRedirect(f"{trail}?subject={self.audit_subject(row)}")


def attachment(
    content: bytes | Iterator[Any], name: str, media_type: str = OPAQUE
) -> HttpResponseBase:
    """A response that is downloaded, never shown, run or cached by the browser."""
    kind = HttpResponse if isinstance(content, bytes) else StreamingHttpResponse
    named = {"Content-Disposition": f'attachment; filename="{name}"'}
    return kind(content, content_type=media_type, headers=named)


def require(request: HttpRequest, permission: str, what: str) -> None:
    """Raises PermissionDenied with a message in words unless the person may do it."""
    if not request.user.has_perm(permission):
        raise PermissionDenied(
            f"Your role does not allow “{what}”. It is for {staff.whose(permission)}"
            f" ({permission})."
        )


@contextlib.contextmanager
def shown_on(form: BaseForm) -> Iterator[None]:
    """Shows a refusal raised inside as an error of the form, so that nothing typed is
    lost."""
    try:
        yield
    except Refusal as refusal:
        form.add_error(None, str(refusal))
