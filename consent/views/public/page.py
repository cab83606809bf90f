"""What every public page of the consent floor shares."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from consent.browser import signal
from consent.browser.words import words
from privacy import languages


def page(
    request: HttpRequest, name: str, language: str, status: int = 200, **context: Any
) -> HttpResponse:
    """A template of templates/public in the language of its reader."""
    shared = {**languages.frame(language), "said": words(language)}
    answer = render(request, f"public/{name}.html", shared | context, status=status)
    answer.headers["Content-Language"] = language
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer


def language_of(request: HttpRequest) -> str:
    accepted = request.headers.get("Accept-Language", "")
    return languages.chosen(request.GET.get("lang", ""), accepted)


def has_signal(request: HttpRequest) -> bool:
    return signal.is_sent(request.headers.get("Sec-GPC", ""))
