"""What all API addresses share: keys, scopes, JSON bodies."""

import codecs
import json
from collections.abc import Mapping
from typing import IO, TYPE_CHECKING, Any

from django.conf import settings
from rest_framework import exceptions, status
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.parsers import BaseParser
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from privacy import apikeys
from privacy.models import ApiKey

if TYPE_CHECKING:  # the framework's views import this module through the settings
    from rest_framework.views import APIView


class TooLarge(exceptions.APIException):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_detail = "The body is larger than the portal reads."


class KeyAuthentication(BaseAuthentication):
    """`Authorization: Bearer sk_…`; `request.auth` is the row of the key."""

    def authenticate(self, request: Request) -> tuple[ApiKey, ApiKey] | None:
        scheme, _, key = get_authorization_header(request).partition(b" ")
        if scheme.lower() != b"bearer":
            return None
        holder = apikeys.holder(key.decode(errors="replace").strip())
        if holder is None:
            raise exceptions.AuthenticationFailed("This key is not valid.")
        return holder, holder

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class HasScope(BasePermission):
    """Every API view names its scope; one without a scope lets nobody in."""

    scope = ""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        key = request.auth
        self.message = f"This key does not have the scope {self.scope!r}."
        return isinstance(key, ApiKey) and self.scope in key.scopes


def has_scope(name: str) -> type[HasScope]:
    return type("HasScope", (HasScope,), {"scope": name})


class JsonParser(BaseParser):
    """Reads application/json and …+json, up to the largest size of a request."""

    media_type = "*/*"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        kind = (media_type or "").partition(";")[0].strip().lower()
        if not (kind == "application/json" or kind.endswith("+json")):
            raise exceptions.UnsupportedMediaType(kind, "The body must be JSON.")
        body = stream.read(settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)
        if len(body) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            raise TooLarge
        try:
            text = codecs.decode(body, "utf-8")
            return json.loads(text, parse_constant=_refuse)
        except (ValueError, RecursionError):
            raise exceptions.ParseError("The body is not JSON.") from None


def _refuse(name: str) -> None:
    """Refuses NaN and Infinity, which are not JSON (RFC 8259, 6) and could not be sent
    back."""
    raise ValueError(name)
