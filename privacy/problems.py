"""How the API says no: RFC 9457 problem details."""

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler

from privacy.refusals import Refusal

PROBLEM = "application/problem+json"


def problem(exc: Exception, context: dict[str, Any]) -> Response | None:
    """Any refusal as problem details, with the framework's errors field by field."""
    if isinstance(exc, Refusal):
        exc = exceptions.ParseError(str(exc))
    response = exception_handler(exc, context)
    if response is None:
        return None
    errors = list(_errors(response.data))
    response.data = {
        "type": "about:blank",
        "title": HTTPStatus(response.status_code).phrase,
        "status": response.status_code,
        "detail": " ".join(each["detail"] for each in errors),
        "instance": context["request"].path,
    }
    if fields := [each for each in errors if each["field"]]:
        response.data["errors"] = fields
    response.content_type = PROBLEM
    return response


def _errors(found: Any, field: str = "") -> Iterator[dict[str, str]]:
    """The framework's nested errors as sentences, each with its field."""
    if isinstance(found, Mapping):
        for name, inner in found.items():
            plain = name in ("detail", "non_field_errors")
            yield from _errors(inner, field if plain else str(name))
    elif isinstance(found, list):
        for inner in found:
            yield from _errors(inner, field)
    else:
        said = f"{field}: {found}" if field else str(found)
        # it may repeat half a character, which no answer can hold
        said = said.encode(errors="replace").decode()
        yield {"field": field, "detail": said}
