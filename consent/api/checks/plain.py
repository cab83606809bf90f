"""The plain question to the check, answered without the framework.

Its overhead costs more than the answer. Whatever is unusual or wrong is left to the
framework (`checks`), which words each refusal.
"""

import json
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from rest_framework.renderers import JSONRenderer

from consent import check
from privacy import identifiers
from privacy.identifiers import Mark
from privacy.refusals import Refusal

TERMS = ("channel", "organization", "purpose", "state")
NAMES = {"phone", "email", *TERMS}
SHORT = 64  # no limit of the serializer's is lower, but that of the state
LONGEST_STATE = 5
ANSWERED = {"*/*", "application/json"}
ALLOW = {"Allow": "POST, OPTIONS"}


def answer(request: HttpRequest) -> HttpResponse | None:
    """The answer, or None if the framework has to give it."""
    question = _plain_question(request) if _is_plain(request) else None
    key = _key(request)
    if not (question and key):
        return None
    terms = {name: question[name] for name in TERMS}
    try:
        mark = mark_of(question)
        facts = check.may_send_by_key(key, mark, now=timezone.now(), **terms).facts()
    except Refusal:
        return None
    content = JSONRenderer().render(facts)
    return HttpResponse(content, content_type="application/json", headers=ALLOW)


def _is_plain(request: HttpRequest) -> bool:
    said = request.META
    length = said.get("CONTENT_LENGTH") or "0"
    return (
        request.method == "POST"
        and not said["QUERY_STRING"]
        and said.get("CONTENT_TYPE", "").partition(";")[0] == "application/json"
        and not ANSWERED.isdisjoint(
            said.get("HTTP_ACCEPT", "*/*").replace(" ", "").split(",")
        )
        and length.isdecimal()
        and 0 < int(length) <= settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    )


def _plain_question(request: HttpRequest) -> dict[str, str] | None:
    """Only short texts that the serializer would neither trim nor refuse."""
    try:
        said = json.loads(request.body.decode())
    except (ValueError, RecursionError):
        return None
    if not isinstance(said, dict) or not said.keys() <= NAMES or "channel" not in said:
        return None
    if ("phone" in said) == ("email" in said):
        return None
    if not all(_is_plain_text(text) for text in said.values()):
        return None
    return (
        None
        if len(said.get("state", "")) > LONGEST_STATE
        else dict.fromkeys(TERMS, "") | said
    )


def _is_plain_text(text: Any) -> bool:
    return (
        isinstance(text, str)
        and 0 < len(text) <= SHORT
        and text.isprintable()
        and text == text.strip()
    )


def _key(request: HttpRequest) -> str:
    """The key of the request; empty if there is none."""
    scheme, _, key = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    return key.strip() if scheme == "Bearer" and key.isascii() else ""


def mark_of(question: dict[str, str]) -> Mark:
    if "phone" in question:
        return identifiers.phone(question["phone"])
    return identifiers.email(question["email"])
