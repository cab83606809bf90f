"""Staff sign in: a password, then a second factor; what goes wrong is counted.

A try is written down before it is judged, so that a hundred at once are no more than
the few that are allowed. Names that were typed are kept as digests alone, because
people type passwords and addresses there.
"""

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.contrib.auth import authenticate
from django.contrib.auth.models import User
from django.db import transaction
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from privacy import audit
from privacy.models import Factor, SignInTry
from privacy.refusals import Refusal

MOST = {"name": 5, "place": 50}  # of one person; from one address on the network
WITHIN = dt.timedelta(minutes=15)
KEPT = dt.timedelta(days=1)
NOBODY = "visitor"  # who it was is what did not come out


class WrongPassword(Refusal):
    """That is not the name and the password of anybody on the staff. Small and capital
    letters differ."""


class TooManyTries(Refusal):
    """Too many tries went wrong. Wait a quarter of an hour, then try again."""


def by_password(
    *, request: HttpRequest, name: str, password: str, place: str, now: dt.datetime
) -> User:
    """Half of the way in. Raises `WrongPassword`, `TooManyTries`."""
    known = User.objects.filter(username=name).first()
    with _try(name, known, place, now, step="password"):
        user = authenticate(request, username=name, password=password)
        if not isinstance(user, User) or not user.is_staff:
            raise WrongPassword
    return user


def confirm(*, user: User, password: str, place: str, now: dt.datetime) -> None:
    """Before something about the sign-in changes: a screen left open is not enough."""
    with _try(user.username, user, place, now, step="password"):
        if not user.check_password(password):
            raise WrongPassword("That is not your password.")


def by_factor(
    *, user: User, prove: Callable[[], Factor], place: str, now: dt.datetime
) -> Factor:
    """The other half. Raises what `prove` does, and `TooManyTries`."""
    with _try(user.username, user, place, now, step="second factor"):
        return prove()


def done(*, user: User, factor: Factor | None, now: dt.datetime) -> None:
    """Somebody is in; what went wrong before is forgiven."""
    SignInTry.objects.filter(who=_digest("name", user.username)).delete()
    kind = factor.kind if factor else "none"
    _record("signin.done", user, user.username, now, second_factor=kind)


@contextmanager
def _try(
    name: str, known: User | None, place: str, now: dt.datetime, *, step: str
) -> Iterator[None]:
    """Counts it until it went well, and puts on the trail what went wrong."""
    rows = _count({"name": name, "place": place}, now)
    try:
        yield
    except Refusal as refusal:
        with transaction.atomic():
            reason = type(refusal).__name__
            _record("signin.failed", known, NOBODY, now, step=step, reason=reason)
        raise
    SignInTry.objects.filter(pk__in=[row.pk for row in rows]).delete()


def _count(who: dict[str, str], now: dt.datetime) -> list[SignInTry]:
    SignInTry.objects.filter(at__lt=now - KEPT).delete()
    rows = [SignInTry(who=_digest(kind, text), at=now) for kind, text in who.items()]
    SignInTry.objects.bulk_create(rows)
    for kind, row in zip(who, rows, strict=True):
        recent = SignInTry.objects.filter(who=row.who, at__gt=now - WITHIN)
        if recent.count() > MOST[kind]:
            SignInTry.objects.filter(pk__in=[row.pk for row in rows]).delete()
            raise TooManyTries
    return rows


def _digest(kind: str, text: str) -> str:
    said = f"{kind}|{text.casefold()}"
    return salted_hmac("privacy.signins", said, algorithm="sha256").hexdigest()


def _record(
    action: str, user: User | None, by: str, now: dt.datetime, **details: str
) -> None:
    subject = f"user:{user.pk}" if user else "user:unknown"
    audit.record(action=action, subject=subject, by=by, now=now, **details)
