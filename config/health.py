"""What a load balancer asks: is the process alive, and can it work?"""

from collections.abc import Callable

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse
from kombu.exceptions import OperationalError

from config.celery import app


def alive(request: HttpRequest) -> HttpResponse:
    """The process answers; nothing else is checked."""
    return _text("ok\n", status=200)


def ready(request: HttpRequest) -> HttpResponse:
    """The database and the broker answer too; 503 names the one that does not."""
    answers = {name: check() for name, check in CHECKS.items()}
    lines = [f"{name}: {'ok' if ok else 'no answer'}\n" for name, ok in answers.items()]
    return _text("".join(lines), status=200 if all(answers.values()) else 503)


def database_answers() -> bool:
    try:
        connection.ensure_connection()
    except DatabaseError:
        return False
    return bool(connection.answers())  # type: ignore[attr-defined]  # our engine's


def broker_answers() -> bool:
    try:
        with app.connection_for_write(connect_timeout=2) as broker:
            broker.ensure_connection(max_retries=1, timeout=2)
    except OperationalError:
        return False
    return True


CHECKS: dict[str, Callable[[], bool]] = {
    "database": database_answers,
    "broker": broker_answers,
}


def _text(body: str, *, status: int) -> HttpResponse:
    return HttpResponse(body, status=status, content_type="text/plain")
