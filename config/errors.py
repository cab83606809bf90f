"""What is said when nothing can be shown: to staff in their house, to anybody else in
their language, as on the form.

Django calls these; the last of them where even the database may be gone.
"""

from http import HTTPStatus

from django.contrib import admin
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from dsr import languages
from dsr.views.requests.page import message
from privacy.problems import PROBLEM

STAFF = "/admin/"
MACHINES = ("/api/", "/suppressions", "/drp/", "/opendsr/")
NOTHING_THERE = "There is nothing at this address; /api/schema lists what there is."
OURS = "Something broke here, and nothing was changed. Ask again in a moment."


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if request.path.startswith(MACHINES):
        return _problem(request, HTTPStatus.NOT_FOUND, NOTHING_THERE)
    if not request.path.startswith(STAFF):
        return _outside(request, "missing", 404)
    return _inside(request, "404.html", 404, exception)


def not_allowed(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _inside(request, "403.html", 403, exception)


def not_sent(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form of an old page, or of another site."""
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
    request: HttpRequest, name: str, status: int, exception: Exception | None = None
) -> HttpResponse:
    """With the way out: who is signed in may log out from here as well."""
    said = exception.args[0] if exception and exception.args else ""
    context = {
        **admin.site.each_context(request),
        "exception": said if isinstance(said, str) else "",  # paths that were tried
    }
    return render(request, name, context, status=status)


def _problem(request: HttpRequest, status: HTTPStatus, detail: str) -> HttpResponse:
    """As every answer of the API that says no (RFC 9457)."""
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
