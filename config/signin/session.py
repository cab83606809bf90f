"""What a session remembers of a sign-in, and how it ends with its factor.

Between the password and the second factor nobody is signed in: the session only knows
who is waiting. So no page that asks for staff can let them in.
"""

import base64
import datetime as dt
from collections.abc import Callable

from django.conf import settings
from django.contrib import auth
from django.contrib.auth.models import User
from django.db import transaction
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.crypto import constant_time_compare

from privacy import factors, signins
from privacy.factors import app
from privacy.models import Factor
from privacy.models.sealing import seal, unseal

PATIENCE = dt.timedelta(minutes=10)  # between the password and the second factor
WAITS, OPENED_BY, SECRET, QUESTION = "waits", "opened_by", "secret", "question"
Next = Callable[[HttpRequest], HttpResponseBase]


# --- between the two halves -------------------------------------------------
def wait(request: HttpRequest, user: User, *, goal: str, now: dt.datetime) -> None:
    """The password was right; a new session knows who still has to prove more."""
    request.session.flush()
    request.session[WAITS] = {
        "user": user.pk,
        "hash": user.get_session_auth_hash(),
        "goal": goal,
        "since": now.timestamp(),
    }


def who_waits(request: HttpRequest, now: dt.datetime) -> User | None:
    """Nobody after ten minutes, or once the password was changed."""
    said = request.session.get(WAITS)
    if said is None or now.timestamp() - said["since"] > PATIENCE.total_seconds():
        return None
    user = User.objects.filter(pk=said["user"], is_active=True, is_staff=True).first()
    if user is None:
        return None
    same = constant_time_compare(user.get_session_auth_hash(), said["hash"])
    return user if same else None


def goal(request: HttpRequest) -> str:
    """The page that was asked for; it was checked together with the password."""
    return str(request.session[WAITS]["goal"])


def enter(
    request: HttpRequest, user: User, factor: Factor | None, *, now: dt.datetime
) -> None:
    """Signs in under a new session key; audited in the same transaction."""
    with transaction.atomic():
        auth.login(request, user)
        for name in (WAITS, SECRET, QUESTION):
            request.session.pop(name, None)
        request.session[OPENED_BY] = factor.pk if factor else None
        signins.done(user=user, factor=factor, now=now)


def opened_by(request: HttpRequest, factor: Factor | None) -> None:
    """From now on the session depends on this factor."""
    request.session.cycle_key()
    request.session.pop(SECRET, None)
    request.session.pop(QUESTION, None)
    request.session[OPENED_BY] = factor.pk if factor else None


# --- while a factor is set up -----------------------------------------------
def secret(request: HttpRequest) -> str:
    """The same until it is set up, so that a mistyped code needs no second scan."""
    kept = request.session.get(SECRET)
    if kept is None:
        made = app.new_secret()
        blob = seal(made, context="session.secret")
        request.session[SECRET] = base64.b64encode(blob).decode()
        return made
    return unseal(base64.b64decode(kept), context="session.secret")


# --- as long as it lasts ----------------------------------------------------
class SecondFactorWatch:
    """Middleware: signs out anybody who is signed in without the factor that they have,
    or with one that no longer exists, whatever signed them in."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        has_session = settings.SESSION_COOKIE_NAME in request.COOKIES
        if has_session and auth.SESSION_KEY in request.session:
            self.look(request)
        return self.get_response(request)

    def look(self, request: HttpRequest) -> None:
        user = request.user
        if isinstance(user, User) and not factors.is_through(
            holder=user,
            opened_by=request.session.get(OPENED_BY),
            compulsory=settings.SECOND_FACTOR_REQUIRED,
        ):
            auth.logout(request)
