"""/privacy, /.well-known/gpc.json and /llms.txt: what we tell everybody."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from consent.browser import notice as notices
from consent.browser import signal
from consent.views.public.page import has_signal, language_of, page

INDEX = """\
# Privacy portal

> What happens to personal data here, and how people use their rights.

## For people
- [Privacy notice]({url}/privacy): what is collected, why, how long it is kept
- [Ask about your data]({url}/privacy/request): access, correction, deletion and more
- [What we may send you]({url}/privacy/preferences): stop or choose messages

## For machines
- [Global Privacy Control]({url}/.well-known/gpc.json): support resource
- [API]({url}/api/docs): consent checks and events, with keys
"""


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """The notice, from the rows that the portal enforces."""
    told = has_signal(request)
    if told:
        signal.heed_stranger(now=timezone.now())
    facts = notices.facts()
    return page(request, "notice", language_of(request), notice=facts, gpc=told)


@require_safe
def gpc(request: HttpRequest) -> JsonResponse:
    """As in the W3C draft; the date is that of the policy in force."""
    published = notices.published()
    document: dict[str, object] = {"gpc": True}
    if published:
        document["lastUpdate"] = published.effective_date.isoformat()
    return JsonResponse(document)


@require_safe
def llms(request: HttpRequest) -> HttpResponse:
    text = INDEX.format(url=settings.PUBLIC_URL)
    return HttpResponse(text, content_type="text/plain; charset=utf-8")
