"""Watches what our own pages set in browsers."""

import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from consent.browser import cookies

HOUR = 3600.0
Next = Callable[[HttpRequest], HttpResponse]


class CookieWatch:
    """Middleware: records a cookie that is not in the register.

    A process looks once an hour at each cookie of each page, and not at every response.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response
        self.looked: dict[tuple[str, str], float] = {}

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        match = request.resolver_match
        route = match.route if match else "unknown"
        if names := [name for name in response.cookies if self._is_due(name, route)]:
            cookies.saw(names=names, route=route, now=timezone.now())
        return response

    def _is_due(self, name: str, route: str) -> bool:
        now = time.monotonic()
        if now - self.looked.get((name, route), -HOUR) < HOUR:
            return False
        self.looked[name, route] = now
        return True
