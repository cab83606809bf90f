"""/privacy/preferences: choices without an account and without a script."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from consent.browser import preferences, signal
from consent.browser.preferences import BadLink, ConsentNeeded
from consent.browser.words import words
from consent.views.public.page import has_signal, language_of, page
from privacy import caller
from privacy.models import Identifier

LONGEST_AGENT = 300
OUTCOMES = ("stopped", "saved", "nothing", "consent_needed")


@never_cache
@require_http_methods(["GET", "HEAD"])
def ways(request: HttpRequest) -> HttpResponse:
    """Without a signed address: how to get one, and what works without it."""
    told = has_signal(request)
    if told:
        signal.heed_stranger(now=timezone.now())
    return page(request, "ways", language_of(request), gpc=told)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def choose(request: HttpRequest, token: str) -> HttpResponse:
    language = language_of(request)
    try:
        identifier = preferences.open_link(token)
    except BadLink:
        return page(request, "ways", language, status=404, bad_link=True)
    told = has_signal(request)
    if told:
        signal.heed(people=[identifier], by=preferences.BY, now=timezone.now())
    if request.method == "POST":
        outcome = _save(request, identifier, language)
        return HttpResponseRedirect(f"?lang={language}&done={outcome}")
    done = request.GET.get("done", "")
    outcome = done if done in OUTCOMES else ""
    said = words(language)
    return page(
        request,
        "preferences",
        language,
        intro=preferences.heading(identifier, said),
        choices=[
            (choice, said[choice.channel])
            for choice in preferences.choices(identifier, language, timezone.now())
        ],
        outcome=said.get(outcome, ""),
        kept=f"done={outcome}" if outcome else "",
        is_problem=outcome == "consent_needed",
        gpc=told,
    )


def _save(request: HttpRequest, identifier: Identifier, language: str) -> str:
    """The name of the sentence that says what became of it."""
    now = timezone.now()
    if "stop_all" in request.POST:
        preferences.stop_all(identifier=identifier, now=now)
        return "stopped"
    try:
        changed = preferences.save(
            identifier=identifier,
            wanted=request.POST.getlist("want"),
            agreed=request.POST.getlist("agree"),
            language=language,
            now=now,
            origin=_origin(request),
        )
    except ConsentNeeded:
        return "consent_needed"
    return "saved" if changed else "nothing"


def _origin(request: HttpRequest) -> dict[str, str]:
    said = {
        "ip": caller.address(request),
        "agent": request.headers.get("User-Agent", "")[:LONGEST_AGENT],
    }
    return {name: text for name, text in said.items() if text}
