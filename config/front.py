"""The bare address: staff go to the admin, others to the privacy notice; and files that
browsers and search engines ask every site for."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.views.decorators.http import require_safe

# Pages for people say themselves that they are not listed (X-Robots-Tag).
ROBOTS = "User-agent: *\nDisallow: /admin/\nDisallow: /api/\n"


@require_safe
def lead(request: HttpRequest) -> HttpResponse:
    is_staff = request.user.is_authenticated and request.user.is_staff
    return redirect("admin:index" if is_staff else "privacy_notice")


@require_safe
def icon(request: HttpRequest) -> HttpResponse:
    """For programs that read no page."""
    return redirect(static("favicon.svg"))


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    return HttpResponse(ROBOTS, content_type="text/plain; charset=utf-8")
