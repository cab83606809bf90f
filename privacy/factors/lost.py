"""A lost second factor: one member of staff asks for a reset, another confirms it.

Whoever resets it is shown a code, and code and password together open the sign-in. An
administrator can also set a password; so the code goes to a second person, and the
holder is told of both steps by mail. An administrator could create a second person, or
take over a sign-in; so nobody counts whose sign-in was recently created or changed, and
nobody counts together with the person who created their sign-in, however long ago.
"""

import datetime as dt
import logging

from django.conf import settings
from django.contrib.auth.models import User
from django.core.mail import EmailMessage
from django.db import transaction

from privacy import audit
from privacy.factors import recovery
from privacy.models import AuditEvent, FactorReset
from privacy.refusals import Refusal, reason_given

log = logging.getLogger(__name__)
STANDS = dt.timedelta(days=1)  # a wish that nobody confirmed
WHY = (
    "Say why the second factor is reset, and how you know who is asking; the reason is "
    "recorded."
)
SETTLES = dt.timedelta(days=7)  # until a sign-in that was made or changed counts
CHANGES = ("user.added", "user.changed", "factor.added", "factor.reset")
IF_NOT_YOU = "If you did not ask for this, tell another administrator at once."


class YourOwn(Refusal):
    """You can't reset your own second factor; somebody else must."""


class AdministratorsOwn(Refusal):
    """Only an administrator can reset an administrator's second factor."""


class AskedBefore(Refusal):
    """A reset was already asked for; another person must confirm it."""


class NotAsked(Refusal):
    """Nobody asked for a reset within the last day. Ask for one; another person must
    then confirm it."""


class ByAnother(Refusal):
    """You asked for it yourself; another person must confirm it."""


class MadeByTheOther(Refusal):
    """One of you created the other's sign-in, so you could be the same person. Let
    somebody else ask or confirm; whoever has a shell on the machine can reset it
    too."""


class NotSettled(Refusal):
    """One of your sign-ins was created or changed within the last week, or its second
    factor was, so you could be the same person. Let somebody else ask or confirm;
    whoever has a shell on the machine can reset it too."""


def waiting(holder: User, *, now: dt.datetime) -> FactorReset | None:
    """A reset that somebody asked for and nobody confirmed."""
    rows = FactorReset.objects.filter(holder=holder, confirmed_at=None)
    return rows.filter(asked_at__gt=now - STANDS).first()


def ask(*, holder: User, reason: str, by: str, now: dt.datetime) -> FactorReset:
    """Nothing changes until `confirm`."""
    reason = reason_given(reason, WHY)
    _refuse_own(holder, by)
    with transaction.atomic():
        User.objects.select_for_update().get(pk=holder.pk)
        if waiting(holder, now=now):
            raise AskedBefore
        FactorReset.objects.filter(holder=holder, confirmed_at=None).delete()
        row = FactorReset.objects.create(
            holder=holder, reason=reason, asked_by=by, asked_at=now
        )
        _record("factor.reset_asked", holder, by, now, reason=row.reason)
        _tell(holder, f"{by} asked that your second factor be reset. {IF_NOT_YOU}")
    return row


def confirm(*, holder: User, by: str, is_administrator: bool, now: dt.datetime) -> str:
    """By a person other than the one who asked; returns what `reset` returns."""
    _refuse_own(holder, by)
    with transaction.atomic():
        User.objects.select_for_update().get(pk=holder.pk)
        row = waiting(holder, now=now)
        if row is None:
            raise NotAsked
        if row.asked_by == by:
            raise ByAnother
        _refuse_one_person(row.asked_by, by, now)
        FactorReset.objects.filter(pk=row.pk).update(confirmed_by=by, confirmed_at=now)
        return reset(
            holder=holder,
            reason=row.reason,
            by=by,
            is_administrator=is_administrator,
            now=now,
        )


def reset(
    *, holder: User, reason: str, by: str, is_administrator: bool, now: dt.datetime
) -> str:
    """Removes all factors and recovery codes; the person sets up anew at the next
    sign-in. Returns a code to be handed to them: with their password alone, nobody can
    set up anything. Called directly for people who have no factor yet, and from a
    shell."""
    reason = reason_given(reason, WHY)
    _refuse_own(holder, by)
    if holder.is_superuser and not is_administrator:
        raise AdministratorsOwn
    with transaction.atomic():
        User.objects.select_for_update().get(pk=holder.pk)
        count, _ = holder.factors.all().delete()
        [handed] = recovery.renew(holder, 1)
        _record("factor.reset", holder, by, now, reason=reason, factors=count)
        _tell(holder, f"{by} reset your second factor. {IF_NOT_YOU}")
    return handed


def _refuse_one_person(asked_by: str, by: str, now: dt.datetime) -> None:
    """Both sign-ins exist, neither created the other's, and neither was created or
    changed recently."""
    people = User.objects.filter(username__in=[asked_by, by])
    told = AuditEvent.objects.filter(subject__in=[f"user:{one.pk}" for one in people])
    made = told.filter(action="user.added", by__in=[asked_by, by])
    if made.exists():
        raise MadeByTheOther
    lately = told.filter(action__in=CHANGES, at__gt=now - SETTLES)
    if len(people) < 2 or lately.exists():
        raise NotSettled


def _refuse_own(holder: User, by: str) -> None:
    if by == holder.username:
        raise YourOwn


def _tell(holder: User, text: str) -> None:
    """After the commit; a mail server that is down stops nobody."""
    if holder.email:
        transaction.on_commit(lambda: _mail(holder.email, text))


def _mail(address: str, text: str) -> None:
    message = EmailMessage(
        "Your second factor", text, settings.DEFAULT_FROM_EMAIL, [address]
    )
    try:
        message.send()
    except OSError as problem:  # smtplib's errors are of this kind too
        log.warning("The holder of a factor was not told: %s", type(problem).__name__)


def _record(
    action: str, holder: User, by: str, now: dt.datetime, **details: object
) -> None:
    audit.record(action=action, subject=f"user:{holder.pk}", by=by, now=now, **details)
