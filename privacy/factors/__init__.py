"""The second factor of staff: what they prove beside their password.

A factor is stored once it has been proved, its secret sealed. A session remembers the
factor that opened it and ends with it: whoever loses a factor, or has it reset, is
signed out everywhere.
"""

import datetime as dt
from typing import Any, NamedTuple

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet

from privacy import audit
from privacy.factors import app, recovery
from privacy.models import Factor
from privacy.refusals import Refusal

Kind = Factor.Kind


class WrongCode(Refusal):
    """That code is not right. Codes change every half-minute: enter the one you see
    now, and check that your device's clock is right."""


class UsedCode(Refusal):
    """That code was already used. Wait for the next one; it takes at most half a
    minute."""


class SetUpAlready(Refusal):
    """A second factor has been set up in the meantime. If that was not you, tell an
    administrator at once; if it was, sign in again with it."""


class LastOne(Refusal):
    """This is your only second factor. Set up another one first."""


class Added(NamedTuple):
    """The factor, and new recovery codes to show now if none were left."""

    factor: Factor
    codes: list[str]


# --- setting one up ---------------------------------------------------------
def set_up(
    *, holder: User, secret: str, code: str, now: dt.datetime, handed: str = ""
) -> Added:
    """The first factor of somebody who has only given a password; it replaces nothing.

    After a reset, the code that was handed over is needed as well. Raises
    `SetUpAlready`, `WrongCode`.
    """
    with transaction.atomic():
        _one_at_a_time(holder)
        if holder.factors.exists():
            raise SetUpAlready
        if recovery.left(holder) and not recovery.use(holder, handed, now):
            raise WrongCode("That is not the code you were given.")
        return add_app(holder=holder, secret=secret, code=code, now=now)


def add_app(*, holder: User, secret: str, code: str, now: dt.datetime) -> Added:
    """Replaces the person's authenticator app by this one, once it shows a correct
    code.

    Raises `WrongCode`.
    """
    step = app.step_of(secret, _digits(code), now)
    if step is None:
        raise WrongCode
    with transaction.atomic():
        _one_at_a_time(holder)
        holder.factors.filter(kind=Kind.APP).delete()
        return _add(holder, now, kind=Kind.APP, secret=secret, accepted=step)


def add_passkey(*, holder: User, state: str, answer: str, now: dt.datetime) -> Added:
    """As `add_app`, with the browser's answer. Raises `passkeys.NotProved`."""
    from privacy.factors import passkeys  # loads slowly, and few commands need it

    made = passkeys.made(state, answer)
    with transaction.atomic():
        _one_at_a_time(holder)
        return _add(
            holder, now, kind=Kind.PASSKEY, secret=made.text, accepted=made.signed
        )


def renew_codes(*, holder: User, now: dt.datetime) -> list[str]:
    """Ten new recovery codes, to be shown now; the old ones stop working."""
    with transaction.atomic():
        _one_at_a_time(holder)
        codes = recovery.renew(holder)
        _record("factor.codes_renewed", holder, by=holder.username, now=now)
    return codes


def _one_at_a_time(holder: User) -> None:
    """A second change to the same person's factors waits, and sees the first."""
    User.objects.select_for_update().get(pk=holder.pk)


def _add(holder: User, now: dt.datetime, **facts: Any) -> Added:
    factor = Factor.objects.create(holder=holder, created_at=now, used_at=now, **facts)
    _record("factor.added", holder, holder.username, now, kind=factor.kind)
    return Added(factor, [] if recovery.left(holder) else recovery.renew(holder))


# --- proving it -------------------------------------------------------------
def prove(*, holder: User, code: str, now: dt.datetime) -> Factor:
    """By a code of the app or a recovery code. Raises `WrongCode`, `UsedCode`.

    A recovery code stands for the first of the factors it was made for.
    """
    digits = _digits(code)
    with transaction.atomic():
        if len(digits) == app.DIGITS and digits.isdecimal():
            return _by_app(holder, digits, now)
        first = holder.factors.first()
        if first is None or not recovery.use(holder, code, now):
            raise WrongCode
        left = recovery.left(holder)
        _record("factor.recovery_used", holder, holder.username, now, left=left)
    return first


def _by_app(holder: User, digits: str, now: dt.datetime) -> Factor:
    factor = holder.factors.filter(kind=Kind.APP).first()
    if factor is None:
        raise WrongCode
    step = app.step_of(factor.secret.open(), digits, now)
    if step is None:
        raise WrongCode
    return _accept(factor, step, now)


def prove_by_passkey(
    *, holder: User, state: str, answer: str, now: dt.datetime
) -> Factor:
    """Raises `passkeys.NotProved`, or `UsedCode` for a copy of the key."""
    from privacy.factors import passkeys

    factor, count = passkeys.proved(holder.factors.all(), state, answer)
    if count == factor.accepted == 0:  # one that is synchronised counts nothing
        Factor.objects.filter(pk=factor.pk).update(used_at=now)
        return factor
    return _accept(factor, count, now)


def _accept(factor: Factor, number: int, now: dt.datetime) -> Factor:
    """Only once: if two send the same code, the second finds it used."""
    earlier = Factor.objects.filter(pk=factor.pk, accepted__lt=number)
    if not earlier.update(accepted=number, used_at=now):
        raise UsedCode
    return factor


# --- ending it --------------------------------------------------------------
def remove(*, holder: User, pk: int, now: dt.datetime) -> None:
    """Removes one of several. Raises `LastOne`."""
    with transaction.atomic():
        _one_at_a_time(holder)
        if holder.factors.count() < 2:
            raise LastOne
        for factor in holder.factors.filter(pk=pk):
            factor.delete()
            _record("factor.removed", holder, holder.username, now, kind=factor.kind)


# --- who has one ------------------------------------------------------------
def is_through(*, holder: User, opened_by: int | None, compulsory: bool) -> bool:
    """Whether a session opened by this factor, or by none, is still valid."""
    keys = set(holder.factors.values_list("pk", flat=True))
    return opened_by in keys if keys or opened_by or compulsory else True


def without(people: QuerySet[User]) -> QuerySet[User]:
    return people.filter(factors=None)


def in_words(holder: User) -> str:
    """“authenticator app, passkey (2); 9 recovery codes”; empty for none."""
    kinds = [str(factor) for factor in holder.factors.all()]
    left = sum(not code.used_at for code in holder.recovery_codes.all())
    if not kinds:
        return "none yet; a set-up code was handed out" if left else ""
    said = [
        f"{kind} ({kinds.count(kind)})" if kinds.count(kind) > 1 else kind
        for kind in dict.fromkeys(kinds)
    ]
    codes = "1 recovery code" if left == 1 else f"{left} recovery codes"
    return f"{', '.join(said)}; {codes}"


def _digits(code: str) -> str:
    return "".join(code.split())


def _record(
    action: str, holder: User, by: str, now: dt.datetime, **details: object
) -> None:
    audit.record(action=action, subject=f"user:{holder.pk}", by=by, now=now, **details)
