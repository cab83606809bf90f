"""Did the person consent, or say stop?

An opt-out from every sender ends everything; one from a named sender ends that sender's
messages, or a part of them (`consent.scopes`). A later opt-in to a named sender lifts
both for that sender; an opt-in to more does not lift a STOP to less. Asked without a
sender, or without one of its programs, one opt-out is enough for a no.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from django.db.models import F

from consent import expiry, ledger, lines, programs, reasons, standings, versions
from consent.check.answers import Answer, Purpose, refuse_nonsense, refuse_the_future
from consent.check.stands import (
    Row,
    Stand,
    concerns,
    ends_at,
    has_ended,
    lifts,
    suffices,
)
from consent.models import Program, Standing
from consent.programs import About
from consent.scopes import MARKETING, SERVICE
from consent.sql import checks
from consent.standings import State, Turn
from privacy import identifiers
from privacy.identifiers import Mark
from privacy.sql import prepared

REASONS = {State.OPTED_OUT: "opted_out", State.OPTED_IN: "opted_in"}
ENDED = "consent_ended"
ALLOWING = ("opted_in", "no_consent_needed", "implied_consent")


Said = TypeVar("Said", bound=Stand)


def may_contact(
    mark: Mark,
    *,
    channel: str,
    now: dt.datetime,
    organization: str = "",
    purpose: str = "",
    program: str = "",
    at: dt.datetime | None = None,
    known_at: dt.datetime | None = None,
) -> Answer:
    """Now, or as of the instant `at`; by digest, so an erased person's STOP counts too.

    `known_at` answers from what we knew then: what we learned or corrected later does
    not count. `program` is its name, or the number of ours that would send.
    """
    then = versions.when(at, known_at)
    about = programs.asked(program, organization, purpose, then)
    refuse_nonsense(mark.kind, channel, about.purpose)
    refuse_the_future(at, now)
    refuse_the_future(known_at, now)
    told = turns(mark, channel, at or known_at, known_at, about.organization)
    return answer(told, channel=channel, about=about, at=at or known_at or now)


def turns(
    mark: Mark,
    channel: str,
    at: dt.datetime | None = None,
    known_at: dt.datetime | None = None,
    organization: str = "",
) -> list[Turn]:
    """Where one channel stands with each sender, now or at an instant."""
    told = _turns_at(mark, channel, at, known_at) if at else _turns(mark, channel)
    then = versions.when(at, known_at)
    return lasting(told, expiry.Periods(organization, then))


def lasting(told: Iterable[Turn], periods: expiry.Periods) -> list[Turn]:
    """The same, each with how long it lasts."""
    return [
        replace(turn, months=periods.months(turn.organization, turn.part))
        if turn.state == State.OPTED_IN
        else turn
        for turn in told
    ]


def answer(
    told: Iterable[Turn], *, channel: str, about: About, at: dt.datetime
) -> Answer:
    """The answer, from where one channel stands with each sender."""
    told = list(told)
    reason, decisive = decide(told, about, at)
    since, until = times(reason, decisive, about)
    return Answer(
        allowed=reason in ALLOWING,
        reason=reason,
        sentence=reasons.sentence(
            reason,
            channel,
            decisive,
            since=since,
            until=until,
            others=others(told, about, at),
        ),
        since=since,
        decided_by=decisive.event if decisive else None,
        until=until,
    )


def decide(
    told: Sequence[Said], about: About, at: dt.datetime
) -> tuple[str, Said | None]:
    """The reason, and the event that gives it."""
    decisive = blocking(told, about, at) or consenting(told, about, at)
    if decisive:
        return REASONS[State(decisive.state)], decisive
    if about.purpose == Purpose.SERVICE:
        return "no_consent_needed", None
    if ended := ended_consent(told, about):
        return ENDED, ended
    return "no_consent_on_record", None


def times(
    reason: str, decisive: Stand | None, about: About
) -> tuple[dt.datetime | None, dt.datetime | None]:
    """Since when it is so, and until when, if known."""
    if decisive is None:
        return None, None
    ends = ends_at(decisive, about)
    if reason == ENDED:
        return ends or decisive.since, None
    return decisive.since, ends


def blocking(
    told: Sequence[Said], about: About, at: dt.datetime | None = None
) -> Said | None:
    """The opt-out that forbids it; the latest of several. Without an instant no consent
    has ended by time."""
    out = [
        turn
        for turn in told
        if turn.state == State.OPTED_OUT
        and (turn.part != MARKETING or about.purpose == Purpose.MARKETING)
    ]
    given = _given(told, about, at) if out else []
    given = [turn for turn in given if turn.organization]
    asked = [turn for turn in given if turn.part == SERVICE]
    out = [turn for turn in out if not any(_answers(each, turn) for each in asked)]
    if about.organization:
        out = [
            turn
            for turn in out
            if concerns(turn, about) and not any(lifts(each, turn) for each in given)
        ]
    return max(out, key=lambda turn: turn.since, default=None)


def _answers(asked: Stand, out: Stand) -> bool:
    """A START in answer to service messages, after a STOP to the same sender."""
    return asked.organization == out.organization and lifts(asked, out)


def consenting(told: Iterable[Said], about: About, at: dt.datetime) -> Said | None:
    """The opt-in to that sender, or to every sender; without a sender, to any."""
    given = _of_this_person(_given(told, about, at), told)
    return max(given, key=lambda turn: turn.since, default=None)


def others(
    told: Sequence[Stand], about: About, at: dt.datetime
) -> list[reasons.Given] | None:
    """What they consented to besides, the latest first, each with its end; None where
    one sender was asked for."""
    if about.organization:
        return None
    given = _of_this_person(_given(told, about, at), told)
    given.sort(key=lambda turn: turn.since, reverse=True)
    turns = [turn for turn in given if isinstance(turn, Turn)]
    return [(turn, ends_at(turn, about)) for turn in turns[1:]]


def ended_consent(told: Iterable[Said], about: About) -> Said | None:
    """The latest that nobody renewed, where nothing else decides."""
    once = [turn for turn in told if turn.state in (State.OPTED_IN, State.EXPIRED)]
    ended = [turn for turn in once if suffices(turn, about)]
    found = _of_this_person(ended, told)
    return max(found, key=lambda turn: turn.renewed_at, default=None)


def _of_this_person(given: Iterable[Said], told: Iterable[Said]) -> list[Said]:
    """Whatever was said before the number went to another person was said by somebody
    else."""
    lost = [turn.since for turn in told if turn.state == State.REASSIGNED]
    return [turn for turn in given if not lost or turn.renewed_at > max(lost)]


def _given(told: Iterable[Said], about: About, at: dt.datetime | None) -> list[Said]:
    given = [turn for turn in told if turn.state == State.OPTED_IN]
    return [
        turn
        for turn in given
        if suffices(turn, about) and not has_ended(turn, about, at)
    ]


def is_stopped(mark: Mark, organization: str, program: Program | None = None) -> bool:
    """Whether a STOP by text to this program, or to all of its sender, already
    stands."""
    values = texts_of(mark) | {"organization": organization}
    told = prepared.rows(checks.TEXTS_OF, values)
    return stops(told, organization, program)


def texts_of(mark: Mark) -> dict[str, Any]:
    """Whom `checks.TEXTS_OF` asks about."""
    known = identifiers.digests(mark)
    return {"kind": mark.kind, "digests": known, "keys": len(known)}


def stops(
    told: Iterable[Sequence[Any]], organization: str, program: Program | None
) -> bool:
    """The same, from the rows of `checks.TEXTS_OF`. A STOP from another number of the
    person was never confirmed to this one."""
    about = programs.about(program) if program else About(organization)
    rows = [Row(*row) for row in told]
    own = [row for row in rows if row.part != MARKETING]
    return blocking(own, about) is not None


def _turns(mark: Mark, channel: str) -> list[Turn]:
    rows = Standing.objects.filter(
        identifier__kind=mark.kind,
        identifier__digest__in=identifiers.digests(mark),
        channel=channel,
    ).exclude(state=State.OPTED_IN, identifier__erased_at__gte=F("renewed_at"))
    found = list(rows)
    began = lines.events(row.event_id for row in found)
    return [
        Turn(
            row.channel,
            row.organization,
            began[row.event_id],
            row.renewed_at,
            row.part,
        )
        for row in found
    ]


def _turns_at(
    mark: Mark, channel: str, at: dt.datetime, known_at: dt.datetime | None
) -> list[Turn]:
    told = standings.valid_at(ledger.told_by(mark), at, known_at)
    told = told.select_related("identifier")
    found = [turn for turn in standings.fold(told) if turn.channel == channel]
    return [turn for turn in found if not was_erased(turn, at)]


def was_erased(turn: Turn, at: dt.datetime) -> bool:
    """Consent given before an erasure no longer counts."""
    erased_at = turn.event.identifier.erased_at
    if erased_at is None or turn.state != State.OPTED_IN:
        return False
    return turn.renewed_at <= erased_at <= at
