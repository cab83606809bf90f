"""How a request comes in: its number, its clock, whom it is about.

Every channel ends here, so one rule holds for all: a right that the named law does not
give is our own promise, and is answered under it.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from dsr import deadlines, identity, languages, representatives, uploads
from dsr.fulfilment import FULFILMENTS
from dsr.models import Reference, Request, Right, Ticket, Upload
from dsr.representatives import Acting
from dsr.uploads import File
from privacy import audit, identifiers
from privacy.identifiers import Mark
from privacy.models import Identifier
from privacy.refusals import Refusal

# Where a person of ours says how they know; elsewhere a system answers for that.
BY_STAFF = (
    Request.Source.STAFF,
    Request.Source.MAIL,
    Request.Source.POST,
    Request.Source.PHONE,
)


class NobodyNamed(Refusal):
    """Name the person by at least one phone number or e-mail address."""


class UnknownRight(Refusal):
    """There is no such right."""


class NothingAsked(Refusal):
    """Say what the person asks for."""


class UnknownRegime(Refusal):
    """We do not know that law."""


class FromTheFuture(Refusal):
    """A request can't have been received in the future."""


def open(
    *,
    right: str,
    regime: str,
    marks: Sequence[Mark | Identifier],
    received_at: dt.datetime,
    by: str,
    now: dt.datetime,
    source: str = "",
    name: str = "",
    email: str = "",
    text: str = "",
    about: Ticket | None = None,
    request: Request | None = None,
    against: str = "",
) -> Ticket:
    """One right: see `receive`. `about` is the decision that an appeal is against, once
    we know it;
    `request` is the one that it belongs to, if it came before. Whom another ticket
    names may be given as its rows, which are all that is left after an erasure."""
    came = request or _came(source, name, email, text)
    asked = Asked(regime, marks, received_at, by, now, about, against)
    return _open_each(came, [right], asked)[0]


def receive(
    *,
    rights: Sequence[str],
    regime: str,
    marks: Sequence[Mark],
    received_at: dt.datetime,
    source: str,
    by: str,
    now: dt.datetime,
    name: str = "",
    email: str = "",
    post: str = "",
    text: str = "",
    known_by: str = "",
    points: Sequence[str] = (),
    has_declaration: bool = False,
    language: str = "",
    files: Sequence[File] = (),
    against: str = "",
    acting: Acting | None = None,
) -> list[Ticket]:
    """A request for one or more rights: a ticket for each, or none at all.

    `known_by`, with `points` and `has_declaration` as in `identity.decide`, is how
    whoever enters it knows the person; without it, that is shown later. `language` is
    what they read, else that of their mail or page, or English. `email` and `post` are
    where we answer; an erasure does not end them. A `WrongFile` of the scans opens
    nothing. `against` is the decision that an appeal names; `acting` asks for them.
    """
    if not rights:
        raise NothingAsked
    asked = Asked(regime, marks, received_at, by, now, against=against)
    came = _came(source, name, email, text, language, post)
    with transaction.atomic():
        opened = _open_each(came, list(dict.fromkeys(rights)), asked)
        _enclose(opened[0], acting, files, by, now)
        if known_by:
            shown = {"points": points, "has_declaration": has_declaration}
            _believe(opened[0], known_by, acting, by, now, **shown)
    return opened


def _enclose(
    ticket: Ticket,
    acting: Acting | None,
    files: Sequence[File],
    by: str,
    now: dt.datetime,
) -> None:
    """Who asks, and what came along: of an agent or a parent, what lets them act."""
    if acting:
        representatives.record(ticket=ticket, acting=acting)
    if files:
        purpose = Upload.Purpose.AUTHORITY if acting else Upload.Purpose.OTHER
        uploads.keep(ticket=ticket, files=files, purpose=purpose, now=now, by=by)


def _believe(
    ticket: Ticket,
    known_by: str,
    acting: Acting | None,
    by: str,
    now: dt.datetime,
    **shown: Any,
) -> None:
    """Who knows the person has not therefore seen that somebody may act for them."""
    identity.decide(
        ticket=ticket,
        accepted=True,
        may_act=acting is None or acting.may_act,
        is_vouched=ticket.source not in BY_STAFF,
        reason=known_by,
        by=by,
        now=now,
        **shown,
    )


def _came(
    source: str, name: str, email: str, text: str, language: str = "", post: str = ""
) -> Request:
    said = {"name": name, "email": email} | ({"post": post} if post else {})
    return Request(
        source=source,
        requester=audit.canonical(said),
        words=text or None,
        language=languages.known(language) if language else "",
    )


@dataclass(frozen=True)
class Asked:
    """What the tickets of one request have in common."""

    regime: str
    marks: Sequence[Mark | Identifier]
    received_at: dt.datetime
    by: str
    now: dt.datetime
    about: Ticket | None = None
    against: str = ""


def _open_each(came: Request, rights: Sequence[str], asked: Asked) -> list[Ticket]:
    for right in rights:
        _refuse_what_is_no_request(right, asked.marks, asked.received_at, asked.now)
    law = regime_named(asked.regime)
    with transaction.atomic():
        if came.pk is None:
            came.save()
        return [_open(came, right, law, asked) for right in rights]


def _open(came: Request, right: str, law: str, asked: Asked) -> Ticket:
    on = deadlines.day_of(asked.received_at)
    under = _giving(law, right, on)
    named = law if under != law else ""
    clock = deadlines.for_request(
        regime=under, right=right, received_at=asked.received_at, asked_under=named
    )
    kept = [_person(mark, asked.now) for mark in asked.marks]
    ticket = Ticket.objects.create(
        reference=_reference(asked.received_at.year),
        request=came,
        about=asked.about,
        against=asked.against.strip().upper() if right == Right.APPEAL else "",
        right=right,
        regime=under,
        asked_under=named,
        received_at=asked.received_at,
        due_date=clock.due_at,
        acknowledge_date=clock.acknowledge_by,
        extended_date=clock.extended_due,
        arithmetic=f"{clock.arithmetic} ({clock.citation}).",
        opened_by=asked.by,
        opened_at=asked.now,
    )
    ticket.identifiers.set(kept)
    _record(ticket)
    return ticket


def _person(mark: Mark | Identifier, now: dt.datetime) -> Identifier:
    """Under the trail's lock, and before the number is drawn, which a mail does while
    it has that lock: of two requests at once, one waits, and there is no deadlock."""
    if isinstance(mark, Identifier):
        audit.alone()
        return mark
    return identifiers.keep(mark, now=now, revive=True, alone=True)


def _giving(law: str, right: str, on: dt.date) -> str:
    """That law if it gives the right that day; otherwise our own promise."""
    for regime in (law, deadlines.OUR_PROMISE):
        if deadlines.gives(regime, right, on=on):
            return regime
    raise UnknownRegime(f"{law} was not in force on {on}.")


def _refuse_what_is_no_request(
    right: str,
    marks: Sequence[Mark | Identifier],
    received_at: dt.datetime,
    now: dt.datetime,
) -> None:
    if right not in FULFILMENTS:
        raise UnknownRight(
            f"{right} is not a right; choose from {', '.join(FULFILMENTS)}."
        )
    if not marks:
        raise NobodyNamed
    if received_at.tzinfo is None:
        raise deadlines.NoTimeZone
    if received_at > now:
        raise FromTheFuture


def _record(ticket: Ticket) -> None:
    audit.record(
        action="ticket.received",
        subject=f"ticket:{ticket.reference}",
        by=ticket.opened_by,
        now=ticket.opened_at,
        right=ticket.right,
        regime=ticket.regime,
        asked_under=ticket.asked_under,
        due=ticket.due_date.isoformat(),
    )


COMMON_NAMES = {
    "GDPR": "EU-GDPR",
    "EU": "EU-GDPR",
    "UK": "UK-GDPR",
    "CCPA": "US-CA",
    "CPRA": "US-CA",
    "LGPD": "BR-LGPD",
    "PIPEDA": "CA-PIPEDA",
    "UNSPECIFIED": "unspecified",
}


def regime_named(text: str) -> str:
    """The code of a law, from its code or its common name, in force or not."""
    name = text.strip().upper().replace("_", "-").replace(" ", "-")
    code = COMMON_NAMES.get(name, name)
    known = [regime for regime, _ in deadlines.regimes()]
    if code not in known:
        raise UnknownRegime(
            f"{text} is not a law we know; choose from {', '.join(known)}."
        )
    return code


def _reference(year: int) -> str:
    """The next number of the year; the row lock makes it unique without gaps."""
    Reference.objects.get_or_create(year=year)
    row = Reference.objects.select_for_update().get(year=year)
    row.last += 1
    row.save(update_fields=["last"])
    return str(row)
