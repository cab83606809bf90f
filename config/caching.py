"""No browser or proxy stores a response, unless its page says otherwise."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse


class KeptByNobody:
    """Middleware. Static files are served before it; everything else may be about
    somebody."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer = self.get_response(request)
        answer.headers.setdefault("Cache-Control", "no-store")
        return answer
