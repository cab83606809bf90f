"""Support's question: may we contact this person, and how do we know?"""

import datetime as dt
import re
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from consent import (
    check,
    honour,
    ledger,
    listings,
    months,
    reasons,
    reassigned,
    scopes,
)
from consent.check import CHANNELS, Answer
from consent.honour import Clock
from consent.models import Channel, Event, Program, ReassignedAnswer
from privacy import audit, identifiers, people
from privacy.identifiers import Mark, NotAnIdentifier
from privacy.models import Identifier

SHOWN = 100  # events of the history; the ledger has the rest
# Mistyped, it must not find whoever has that id.
MAY_BE_A_NUMBER = re.compile(r"[\d\s()+./-]{0,24}", re.ASCII)
LONGEST_ID = 100


class NobodyIsCalledThat(NotAnIdentifier):
    """That is neither a phone number nor an e-mail address. No lead or other person of
    a connected store has that id."""


class SeveralNumbers(NotAnIdentifier):
    """There are several numbers or addresses under that id. Look each up by itself."""


@dataclass(frozen=True)
class Line:
    """One channel: may we send marketing, may we send service messages, and why."""

    channel: str
    marketing: Answer
    service: Answer

    @property
    def label(self) -> str:
        return str(Channel(self.channel).label)


@dataclass(frozen=True)
class Finding:
    """`identifier` is None for a number or address that nobody told us about."""

    hint: str
    identifier: Identifier | None
    lines: list[Line]
    history: list[Event]
    because: dict[int, str]  # by event: how far an opt-out reaches, and by which rule
    clocks: dict[int, Clock]  # by event: how soon an opt-out was obeyed
    lists: list[listings.Entry]  # that forbid or forbade contact
    answers: list[ReassignedAnswer]  # of the Reassigned Numbers Database
    beginning: str = ""  # of the record, once months of it went
    as_of: str = ""  # an earlier time, in words

    @property
    def answer(self) -> Answer:
        """For the most important channel: texts for a number, e-mail for an address."""
        return self.lines[0].marketing

    @property
    def beside(self) -> list[str]:
        """What is known beside what the person told us, a sentence each."""
        asked = [str(each.sentence) for each in self.answers]
        return [*map(listings.sentence, self.lists), *asked]

    @property
    def reach(self) -> str:
        """Why the opt-out that decided reaches as far as it does."""
        decided_by = self.answer.decided_by
        return self.because.get(decided_by.sequence, "") if decided_by else ""

    def told(self, event: Event) -> str:
        """What the person said; for an opt-out also how soon it was obeyed."""
        clock = self.clocks.get(event.sequence)
        how = reasons.how(event)
        return f"{how} {clock.sentence}" if clock else how

    def facts(self) -> dict[str, Any]:
        """For machines."""
        return {
            "identifier": self.identifier.pk if self.identifier else None,
            "hint": self.hint,
            "answer": self.answer.facts() | {"because": self.reach},
            "channels": {line.channel: line.marketing.facts() for line in self.lines},
            "history": [
                ledger.facts(event) | self._honoured(event) for event in self.history
            ],
            "lists": list(map(listings.sentence, self.lists)),
            "reassigned_numbers": [str(each.sentence) for each in self.answers],
            "beginning": self.beginning,
        }

    def _honoured(self, event: Event) -> dict[str, Any]:
        clock = self.clocks.get(event.sequence)
        return {"honoured": clock.facts()} if clock else {}

    def words(self) -> str:
        lines = [f"{line.label}: {line.marketing.sentence}" for line in self.lines[1:]]
        told = [f"- {self.told(event)}" for event in self.history]
        why = [self.reach] if self.reach else []
        head = "History, latest first:" if told else "We have nothing on record."
        then = [f"{self.as_of}:"] if self.as_of else []
        words = [*then, self.answer.sentence, *why, *lines, *self.beside, head, *told]
        return "\n".join([*words, self.beginning] if self.beginning else words)


def look_up(
    *,
    text: str,
    by: str,
    now: dt.datetime,
    at: dt.datetime | None = None,
    known_at: dt.datetime | None = None,
) -> Finding:
    """Any form of a number, an e-mail address, or the platform's id of the person; the
    look-up is recorded.

    `at` asks how it was then, `known_at` what we knew then.
    """
    mark = whom(text, now=now)
    return _find(mark, by=by, now=now, at=at, known_at=known_at)


def look_again(*, person: Identifier, by: str, now: dt.datetime) -> Finding:
    """The present state for somebody whose row is at hand; recorded, too."""
    return _find(identifiers.value(person), by=by, now=now)


def _find(
    mark: Mark,
    *,
    by: str,
    now: dt.datetime,
    at: dt.datetime | None = None,
    known_at: dt.datetime | None = None,
) -> Finding:
    identifier = identifiers.find(mark)
    then, knowing = at or known_at or now, known_at or now
    history = list(_history(mark, then, knowing)[:SHOWN])
    known = scopes.now()
    finding = Finding(
        hint=identifiers.hint(mark),
        identifier=identifier,
        lines=[
            _line(mark, channel, now, at, known_at)
            for channel in CHANNELS.get(mark.kind, check.ALL)
        ],
        history=history,
        because={each.sequence: reasons.because(each, known) for each in history},
        clocks=honour.of(history),
        lists=listings.said_of(mark, at=then, known_at=knowing),
        answers=list(
            reassigned.answers_of(mark).filter(recorded_at__lte=knowing)[:SHOWN]
        ),
        beginning=months.beginning(),
        as_of=_as_of(at, known_at),
    )
    _record(identifier, by, now)
    return finding


def asked(mark: Mark, *, by: str, now: dt.datetime) -> None:
    """Somebody of staff asks the check itself: a look-up, and recorded like one."""
    _record(identifiers.find(mark), by, now)


def _record(identifier: Identifier | None, by: str, now: dt.datetime) -> None:
    audit.record(
        action="consent.looked_up",
        subject=f"identifier:{identifier.pk if identifier else 'unknown'}",
        by=by,
        now=now,
    )


def _as_of(at: dt.datetime | None, known_at: dt.datetime | None) -> str:
    then = at or known_at
    if then is None:
        return ""
    words = f"As of {reasons.moment(then)}"
    return f"{words}, by what we knew {reasons.moment(known_at)}" if known_at else words


def whom(text: str, *, now: dt.datetime) -> Mark:
    """By number or address; else by the platform's own id: the key of a lead's row, or
    one that it gave us and that leads to nobody's number. What is said of a lead counts
    for the number that gets the messages."""
    try:
        return identifiers.understand(text)
    except NotAnIdentifier:
        if MAY_BE_A_NUMBER.fullmatch(text) or "@" in text:
            raise
    mark = Mark(Identifier.Kind.OTHER, text.strip())
    try:
        return _called(mark.value, now)
    except NobodyIsCalledThat:
        if identifiers.find(mark) is None:
            raise
        return mark


def reachable(text: str, *, now: dt.datetime) -> Mark:
    """The same, where it takes a number or an address."""
    mark = whom(text, now=now)
    if mark.kind not in CHANNELS:
        raise NobodyIsCalledThat
    return mark


def _called(text: str, now: dt.datetime) -> Mark:
    """The number of that record; the address of one without a number."""
    if len(text) > LONGEST_ID:
        raise NobodyIsCalledThat
    told = set().union(*people.called(text, now=now))
    numbers = [mark for mark in told if mark.kind == Identifier.Kind.PHONE]
    known = numbers or [mark for mark in told if mark.kind == Identifier.Kind.EMAIL]
    if not known:
        raise NobodyIsCalledThat
    if len(known) > 1:
        raise SeveralNumbers
    return known[0]


def _history(mark: Mark, at: dt.datetime, known_at: dt.datetime) -> QuerySet[Event]:
    told = ledger.told_by(mark)
    return told.filter(occurred_at__lte=at, recorded_at__lte=known_at)


def _line(
    mark: Mark,
    channel: str,
    now: dt.datetime,
    at: dt.datetime | None,
    known_at: dt.datetime | None,
) -> Line:
    def ask(purpose: str) -> Answer:
        return check.may_ever(
            mark, channel=channel, purpose=purpose, at=at, known_at=known_at, now=now
        )

    return Line(channel, ask(Program.Purpose.MARKETING), ask(Program.Purpose.SERVICE))
