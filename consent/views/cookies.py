"""Watches what our own pages set in browsers."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from consent.browser import cookies

Next = Callable[[HttpRequest], HttpResponse]


class CookieWatch:
    """Middleware: a cookie that the register does not know is written down."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.cookies:
            match = request.resolver_match
            cookies.saw(
                names=response.cookies.keys(),
                route=match.route if match else "unknown",
                now=timezone.now(),
            )
        return response
