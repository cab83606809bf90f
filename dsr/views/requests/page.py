"""What every public page of the requests floor shares: language, limits, headers.

No script, no cookie except Django's own against forged forms, nothing stored by a
browser or a search engine. Answers take the same time whatever the portal knows.
"""

import functools
import io
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import InMemoryUploadedFile, UploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.http import urlencode
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from consent.browser import signal
from consent.browser.words import words
from dsr import languages, rate, uploads
from dsr.links import NoSuchLink
from dsr.rate import TooOften

View = Callable[..., HttpResponseBase]
MOST_BYTES = (uploads.MOST_FILES + 1) * uploads.MOST_BYTES
HEADERS = {
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex",
    "Referrer-Policy": "same-origin",
}


class Bounded(FileUploadHandler):
    """Files stay in memory, never unsealed on a disk, and only as many as fit."""

    def new_file(self, *args: Any, **named: Any) -> None:
        super().new_file(*args, **named)
        self.kept, self.length = io.BytesIO(), 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.length += len(raw_data)
        if self.length <= uploads.MOST_BYTES:
            self.kept.write(raw_data)
        else:
            self.kept = io.BytesIO()

    def file_complete(self, file_size: int) -> UploadedFile:
        self.kept.seek(0)
        return InMemoryUploadedFile(
            file=self.kept,
            field_name=self.field_name,
            name=self.file_name,
            content_type=self.content_type,
            size=file_size,
            charset=self.charset,
        )


def public(what: str, *, from_outside: bool = False) -> Callable[[View], View]:
    """A page for anybody; `what` is how often it may be tried from one place.

    A page reached `from_outside`, by another site's form, has its own proof in the
    form.
    """

    def decorate(view: View) -> View:
        guarded = view if from_outside else csrf_protect(view)

        @csrf_exempt
        @functools.wraps(view)
        def shown(request: HttpRequest, **where: str) -> HttpResponseBase:
            began = time.monotonic()
            request.upload_handlers = [Bounded(request)]
            language = languages.chosen(
                request.GET.get("lang", ""), request.headers.get("Accept-Language", "")
            )
            with translation.override(language):
                answer = _answer(guarded, request, language, what, where)
            for name, value in HEADERS.items():
                answer.headers.setdefault(name, value)
            answer.headers["Content-Language"] = language
            if request.method == "POST":
                rest = settings.PUBLIC_PAGE_SECONDS - (time.monotonic() - began)
                time.sleep(max(rest, 0))
            return answer

        return shown

    return decorate


def _answer(
    view: View, request: HttpRequest, language: str, what: str, where: dict[str, str]
) -> HttpResponseBase:
    if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_BYTES:
        return message(request, language, "too_large", 413)
    try:
        rate.count(what, rate.place(request), now=timezone.now())
        return view(request, language=language, **where)
    except TooOften:
        return message(request, language, "too_many", 429)
    except NoSuchLink:
        return message(request, language, "missing", 404)


def page(
    request: HttpRequest, name: str, language: str, status: int = 200, **context: Any
) -> HttpResponse:
    """A template of templates/public in the language of its reader."""
    shared = {**languages.frame(language), "said": words(language), **context}
    shared["gpc"] = has_signal(request)
    return render(request, f"public/{name}.html", shared, status=status)


def has_signal(request: HttpRequest) -> bool:
    return signal.is_sent(request.headers.get("Sec-GPC", ""))


def again(token: str, language: str, part: str = "", **said: str) -> HttpResponse:
    """After every action: redirects to the page of the request, which may be reloaded
    and read in another language. What it says is one of our names, never what was
    typed."""
    where = reverse("request_status", args=[token])
    query = urlencode({"lang": language, **said})
    return HttpResponseRedirect(f"{where}?{query}" + (f"#{part}" if part else ""))


def message(
    request: HttpRequest, language: str, name: str, status: int
) -> HttpResponse:
    """A page that says one thing, by its name: missing, too_many, stale, …"""
    said = {
        "title": languages.say(language, f"page.{name}_title"),
        "text": languages.say(language, f"page.{name}"),
    }
    return page(request, "message", language, status, **said)
