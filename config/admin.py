"""The admin site. Its first page is the promise board and the day's work."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponsePermanentRedirect,
    HttpResponseRedirect,
)
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils import timezone
from django.views.decorators.common import no_append_slash
from django.views.decorators.http import require_POST

from config import board
from privacy import staff, tasks


class PortalSite(admin.AdminSite):
    site_header = "Privacy portal"
    site_title = "Privacy portal"
    index_title = "Promises and today's work"
    site_url = None  # what people outside see is linked where it matters
    enable_nav_sidebar = False

    def get_urls(self) -> list[URLResolver | URLPattern]:
        from config.signin import routes  # it needs the screens, and they this site

        check = path(
            "check/", self.admin_view(require_POST(self.check_now)), name="check_now"
        )
        return [check, *routes.urls(self), *super().get_urls()]

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        from config.signin import door, routes

        return routes.at(self, door.password)(request)

    def password_change(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        from config.signin import own, routes

        return routes.at(self, own.password)(request)

    @no_append_slash
    def catch_all_view(self, request: HttpRequest, url: str) -> HttpResponse:
        """Redirects to the address with its slash; what was posted to the one without
        is not lost."""
        found = super().catch_all_view(request, url)
        if request.method in ("GET", "HEAD"):
            return found
        return HttpResponsePermanentRedirect(found["Location"], preserve_request=True)

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        now = timezone.now()
        context = {
            "today": board.today(request.user, now),
            "may_check": request.user.has_perm("privacy.add_promisecheck"),
            **(extra_context or {}),
        }
        if request.user.has_perm("privacy.view_promisecheck"):
            context["board"] = board.read(request.user)
        return super().index(request, context)

    def check_now(self, request: HttpRequest) -> HttpResponse:
        """A worker does it: some checks read whole tables."""
        if not request.user.has_perm("privacy.add_promisecheck"):
            others = staff.whose("privacy.add_promisecheck")
            raise PermissionDenied(
                f"Your role can only read the board; {others} check it."
            )
        transaction.on_commit(lambda: tasks.check_promises.delay(), robust=True)
        messages.info(request, "Checking. Reload in a moment to see the results.")
        return HttpResponseRedirect(reverse("admin:index"))
