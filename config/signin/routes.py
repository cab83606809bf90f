"""The addresses of the sign-in pages, and of one's own second factor."""

from collections.abc import Callable
from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from config.signin import door, own

Page = Callable[..., HttpResponseBase]
DOOR: tuple[tuple[str, Page, str], ...] = (
    ("factor/", door.second_factor, "login_factor"),
    ("set-up/", door.set_up, "login_set_up"),
)
OWN: tuple[tuple[str, Page, str], ...] = (
    ("", own.overview, "factors"),
    ("app/", own.set_up_app, "factor_app"),
    ("passkey/", own.add_passkey, "factor_passkey"),
    ("codes/", own.renew_codes, "factor_codes"),
    ("<int:pk>/remove/", own.remove, "factor_remove"),
)


def urls(site: AdminSite) -> list[URLPattern]:
    """The sign-in pages are for people who are not signed in; all others only for those
    who are."""
    return [
        *(path(f"login/{r}", at(site, page), name=name) for r, page, name in DOOR),
        *(
            path(f"second-factor/{r}", site.admin_view(at(site, page)), name=name)
            for r, page, name in OWN
        ),
    ]


def at(site: AdminSite, page: Page) -> Page:
    """Stored by no browser, and left out of error reports."""

    def view(request: HttpRequest, **where: Any) -> HttpResponseBase:
        return page(site, request, **where)

    return never_cache(sensitive_post_parameters()(view))
