"""The error pages: for staff in the admin, for anybody else in their language.

Django calls these; the last of them where even the database may be gone.
"""

import re
from collections.abc import Callable
from http import HTTPStatus

from django.contrib import admin
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    JsonResponse,
)
from django.shortcuts import render
from django.template.loader import render_to_string

from dsr import languages
from dsr.views.requests.page import message
from privacy import staff
from privacy.problems import PROBLEM

STAFF = "/admin/"
MACHINES = (
    "/api/", "/suppressions", "/drp/", "/opendsr/", "/opengdpr/", "/webhooks/",
)  # fmt: skip
NOTHING_THERE = "There is nothing at this address; /api/schema lists what there is."
NOT_READ = "The request could not be read; /api/schema says what is expected."
OTHER_METHOD = (
    "This address does not take that method; the Allow header lists those it takes."
)
ONLY_PRESSED = (
    "This page can only be reached by pressing a button: go back and press it there."
)
ADMIN_PAGE = re.compile(r"(?P<app>[a-z]+)_(?P<model>[a-z]+)_(?P<page>[a-z_]+)")
OURS = "Something went wrong here, and nothing was changed. Try again in a moment."


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if request.path.startswith(MACHINES):
        return _problem(request, HTTPStatus.NOT_FOUND, NOTHING_THERE)
    if not request.path.startswith(STAFF):
        return _outside(request, "missing", 404)
    return _inside(request, "404.html", 404, exception)


def not_allowed(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _inside(request, "403.html", 403, exception, _whose(request))


def not_understood(request: HttpRequest, exception: Exception) -> HttpResponse:
    """For a request that no browser sends by itself; nothing of it is repeated."""
    if request.path.startswith(MACHINES):
        return _problem(request, HTTPStatus.BAD_REQUEST, NOT_READ)
    if not request.path.startswith(STAFF) or not hasattr(request, "user"):
        return _outside(request, "stale", 400)  # a host of no name comes no further
    return _inside(request, "403_csrf.html", 400)


class MethodInWords:
    """Middleware: an address that takes only POST, opened by hand, shows a page instead
    of nothing."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer = self.get_response(request)
        if not isinstance(answer, HttpResponseNotAllowed) or answer.content:
            return answer
        if request.path.startswith(MACHINES):
            said = _problem(request, HTTPStatus.METHOD_NOT_ALLOWED, OTHER_METHOD)
        elif request.path.startswith(STAFF):
            said = _inside(request, "404.html", 405, Http404(ONLY_PRESSED))
        else:
            said = _outside(request, "missing", 405)
        said.headers["Allow"] = answer.headers["Allow"]
        return said


def not_sent(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form from an old page, or from another site."""
    if not request.path.startswith(STAFF):
        return _outside(request, "stale", 403)
    return _inside(request, "403_csrf.html", 403)


def broken(request: HttpRequest) -> HttpResponse:
    if request.path.startswith(MACHINES):
        return _problem(request, HTTPStatus.INTERNAL_SERVER_ERROR, OURS)
    if not request.path.startswith(STAFF):
        return _outside(request, "broken", 500)
    return HttpResponse(render_to_string("500.html"), status=500)


def _inside(
    request: HttpRequest,
    name: str,
    status: int,
    exception: Exception | None = None,
    instead: str = "",
) -> HttpResponse:
    """With a way out: people who are signed in may log out from here as well."""
    said = exception.args[0] if exception and exception.args else instead
    context = {
        **admin.site.each_context(request),
        "exception": said if isinstance(said, str) else "",  # paths that were tried
    }
    return render(request, name, context, status=status)


def _whose(request: HttpRequest) -> str:
    """Where Django refuses without words: which roles the page is for."""
    match = request.resolver_match
    found = ADMIN_PAGE.fullmatch(match.url_name or "") if match else None
    if found is None:
        return ""
    verb = found["page"] if found["page"] in ("add", "delete") else "view"
    permission = f"{found['app']}.{verb}_{found['model']}"
    return (
        f"Your role does not allow this page. It is for {staff.whose(permission)}"
        f" ({permission})."
    )


def _problem(request: HttpRequest, status: HTTPStatus, detail: str) -> HttpResponse:
    """As all refusals of the API (RFC 9457)."""
    said = {
        "type": "about:blank",
        "title": status.phrase,
        "status": status,
        "detail": detail,
        "instance": request.path,
    }
    return JsonResponse(said, status=status, content_type=PROBLEM)


def _outside(request: HttpRequest, name: str, status: int) -> HttpResponse:
    accepted = request.headers.get("Accept-Language", "")
    language = languages.chosen(request.GET.get("lang", ""), accepted)
    answer = message(request, language, name, status)
    answer.headers["Content-Language"] = language
    return answer
