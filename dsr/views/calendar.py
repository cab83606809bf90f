"""/calendar/{token}.ics: due dates for a calendar program."""

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from dsr import rate
from dsr.desk import calendar


@require_safe
def feed(request: HttpRequest, token: str) -> HttpResponse:
    now = timezone.now()
    try:
        rate.count("read a calendar", token, now=now)
        content = calendar.feed(token=token, now=now)
    except calendar.NoSuchFeed:
        raise Http404 from None
    except rate.TooOften as refusal:
        return HttpResponse(str(refusal), status=429, content_type="text/plain")
    return HttpResponse(
        content,
        content_type="text/calendar; charset=utf-8",
        headers={"Cache-Control": "private, max-age=600"},
    )
