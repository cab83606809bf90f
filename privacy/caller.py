"""Who calls: the network address, as our own proxy saw it."""

from django.conf import settings
from django.http import HttpRequest


def address(request: HttpRequest) -> str:
    """What is before the last of the addresses the caller may have made up."""
    if settings.BEHIND_PROXY:
        return request.headers.get("X-Forwarded-For", "").split(",")[-1].strip()
    return str(request.META.get("REMOTE_ADDR", ""))
