"""The bare address: staff go to their work, others to the privacy notice."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe


@require_safe
def lead(request: HttpRequest) -> HttpResponse:
    is_staff = request.user.is_authenticated and request.user.is_staff
    return redirect("admin:index" if is_staff else "privacy_notice")
