"""Staff sign in: a password, then a second factor; failures are counted.

An attempt is recorded before it is checked, so that a hundred at once count as more
than the few allowed. Typed names are stored only as digests, because people type
passwords and addresses there.
"""

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from django.contrib.auth import authenticate
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.db import transaction
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from privacy import audit
from privacy.models import Factor, SignInTry
from privacy.refusals import Refusal

QUARTER, KEPT = dt.timedelta(minutes=15), dt.timedelta(days=1)
# Of one person; from one address on the network; after the right password, which is
# then not the secret that it should be.
MOST = {"name": 5, "place": 50, "codes": 20}
WITHIN = {"name": QUARTER, "place": QUARTER, "codes": KEPT}
Proved = TypeVar("Proved")
NOBODY = "visitor"  # who it was is what did not come out


class WrongPassword(Refusal):
    """That name and password do not match. Capital and small letters count."""


class TooManyTries(Refusal):
    """Too many failed attempts. Wait a quarter of an hour, then try again."""


class TooManyCodes(TooManyTries):
    """Too many codes went wrong in a day, after the right password: somebody may know
    it. Ask an administrator to set a new one, and then sign in with it."""


def by_password(
    *, request: HttpRequest, name: str, password: str, place: str, now: dt.datetime
) -> User:
    """The first half of signing in. Raises `WrongPassword`, `TooManyTries`."""
    known = User.objects.filter(username=name).first()
    who = {"name": name, "place": place}
    with _try(who, known, now, step="password"):
        user = authenticate(request, username=name, password=password)
        if not isinstance(user, User) or not user.is_staff:
            raise WrongPassword
    return user


def confirm(*, user: User, password: str, place: str, now: dt.datetime) -> None:
    """Asks for the password again before the sign-in itself changes: an unlocked screen
    is not enough."""
    who = {"name": user.username, "place": place}
    with _try(who, user, now, step="password"):
        if not user.check_password(password):
            raise WrongPassword("That is not your password.")


def by_factor(
    *, user: User, prove: Callable[[], Proved], place: str, now: dt.datetime
) -> Proved:
    """The second half. Raises what `prove` raises, `TooManyTries`, `TooManyCodes`.

    After a new password, the failed codes of the day are counted from zero.
    """
    half = f"{user.pk}|{user.get_session_auth_hash()}"
    who = {"name": user.username, "place": place, "codes": half}
    with _try(who, user, now, step="second factor"):
        return prove()


def change_password(
    *, user: User, old: str, new: str, place: str, now: dt.datetime
) -> None:
    """One's own password. Sessions hold a digest of it, so all others end.

    Raises what `confirm` raises.
    """
    confirm(user=user, password=old, place=place, now=now)
    with transaction.atomic():
        user.set_password(new)
        user.save(update_fields=["password"])
        _record("password.changed", user, user.username, now)


def done(*, user: User, factor: Factor | None, now: dt.datetime) -> None:
    """Somebody has signed in; earlier failures are forgiven."""
    SignInTry.objects.filter(who=_digest("name", user.username)).delete()
    kind = factor.kind if factor else "none"
    _record("signin.done", user, user.username, now, second_factor=kind)


def forget(*, now: dt.datetime) -> int:
    """Removes sessions that are over, and attempts older than a day."""
    SignInTry.objects.filter(at__lt=now - KEPT).delete()
    return Session.objects.filter(expire_date__lt=now).delete()[0]


@contextmanager
def _try(
    who: dict[str, str], known: User | None, now: dt.datetime, *, step: str
) -> Iterator[None]:
    """Counts the attempt until it succeeds; a failure goes on the audit trail."""
    rows = _count(who, now)
    try:
        yield
    except Refusal as refusal:
        with transaction.atomic():
            reason = type(refusal).__name__
            _record("signin.failed", known, NOBODY, now, step=step, reason=reason)
        raise
    SignInTry.objects.filter(pk__in=[row.pk for row in rows]).delete()


def _count(who: dict[str, str], now: dt.datetime) -> list[SignInTry]:
    rows = [SignInTry(who=_digest(kind, text), at=now) for kind, text in who.items()]
    SignInTry.objects.bulk_create(rows)
    for kind, row in zip(who, rows, strict=True):
        recent = SignInTry.objects.filter(who=row.who, at__gt=now - WITHIN[kind])
        if recent.count() > MOST[kind]:
            SignInTry.objects.filter(pk__in=[row.pk for row in rows]).delete()
            raise TooManyCodes if kind == "codes" else TooManyTries
    return rows


def _digest(kind: str, text: str) -> str:
    said = f"{kind}|{text.casefold()}"
    return salted_hmac("privacy.signins", said, algorithm="sha256").hexdigest()


def _record(
    action: str, user: User | None, by: str, now: dt.datetime, **details: str
) -> None:
    subject = f"user:{user.pk}" if user else "user:unknown"
    audit.record(action=action, subject=subject, by=by, now=now, **details)
