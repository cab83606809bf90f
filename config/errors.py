"""What is said when nothing can be shown: to staff in their house, to anybody else in
their language, as on the form.

Django calls these; the last of them where even the database may be gone.
"""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from dsr import languages
from dsr.views.requests.page import message

STAFF = "/admin/"


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
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


def _outside(request: HttpRequest, name: str, status: int) -> HttpResponse:
    accepted = request.headers.get("Accept-Language", "")
    language = languages.chosen(request.GET.get("lang", ""), accepted)
    answer = message(request, language, name, status)
    answer.headers["Content-Language"] = language
    return answer
