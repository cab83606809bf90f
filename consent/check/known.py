"""What is known of the people asked about, from the statements of the check."""

import json
from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from consent import marks as marked
from consent import scopes, standings
from consent.check import consents
from consent.check.answers import SCOPE, KeyRefused
from consent.check.consents import Row, Stand
from consent.check.verdicts import Against, Question
from consent.expiry import Periods
from consent.models import Event
from consent.sql import checks
from consent.standings import Turn
from privacy.identifiers import Mark
from privacy.sql import prepared

EVER = "infinity"
OPTED_IN = standings.State.OPTED_IN
# By the person's place in the question; who is not there is not known.
Stands = dict[int, list[Stand]]
Lists = dict[int, list[Against]]


class Known(NamedTuple):
    """Of the people; and by which rules of quiet hours, as `hours.of` takes them."""

    stands: Stands
    lists: Lists
    hours: str


def of_each(
    question: Question, marks: Sequence[Mark], *, standings_too: bool = False
) -> Known:
    values = {
        "digests": ",".join(marked.digests_of(marks)),
        "people": len(marks),
        "kind": marks[0].kind,
        "channel": question.channel,
        "organization": question.organization,
        "at": question.moment,
        "known": question.known_at.isoformat() if question.known_at else EVER,
        "standings": standings_too,
    }
    stands: Stands = {}
    lists: Lists = {}
    hours = ""
    periods = Periods(question.organization)
    for place, what, *row in checks.rows(checks.KNOWN, values):
        if what == "hours":
            hours = row[1]
        elif what:
            lists.setdefault(place, []).append(Against(what, row[2], row[3], *row[:2]))
        else:
            said = Row(*row)
            if said.state == OPTED_IN:
                months = periods.months(said.organization, said.part)
                said = said._replace(months=months)
            stands.setdefault(place, []).append(said)
    return Known(stands, lists, hours)


def of_one(question: Question, mark: Mark, key: str = "") -> Known:
    """For one person now, by one prepared statement. `key` is the digest of a partner's
    key; empty if we ask ourselves."""
    digests = marked.digests_of([mark])
    values = {
        "key": key,
        "scope": SCOPE,
        "digests": digests,
        "keys": len(digests),
        "kind": mark.kind,
        "channel": question.channel,
        "organization": question.organization,
        "at": question.moment,
        "known": EVER,
    }
    stands: list[Stand] = []
    lists: list[Against] = []
    may_ask, hours = not key, ""
    for row in prepared.rows(checks.ONE, values):
        _, what, organization, rule, since, renewed_at, number, part, *rest = row
        if what == "key":
            may_ask = True
        elif what == "hours":
            hours = rule
        elif what:
            lists.append(Against(what, since, renewed_at, organization, rule))
        else:
            months, channel, name, *said = rest
            told = dict(zip(checks.EVENT, said, strict=True))
            told["evidence"] = json.loads(told["evidence"])
            event = Event(sequence=number, channel=channel, **told)
            event.organization = organization
            event.sender_name = name  # type: ignore[attr-defined]
            said_by = question.channel, organization, event, renewed_at, part
            stands.append(Turn(*said_by, months=months))
    if not may_ask:
        raise KeyRefused
    return Known({0: stands}, {0: lists}, hours)


def stands_at(question: Question, marks: Sequence[Mark]) -> Stands:
    """Folded from what had occurred by then; for as-of questions."""
    digests = marked.digests_of(marks)
    told: dict[str, list[Event]] = defaultdict(list)
    events = Event.objects.filter(identifier__digest__in=digests)
    events = standings.valid_at(events, question.moment, question.known_at)
    for event in events.select_related("identifier", "program"):
        told[event.identifier.digest].append(event)
    found: Stands = defaultdict(list)
    known, periods = scopes.now(), Periods(question.organization, question.then)
    for number, digest in enumerate(digests):
        place = number % len(marks)
        turns = standings.fold(told.get(digest, []), known)
        for turn in consents.lasting(turns, periods):
            gone = consents.was_erased(turn, question.moment)
            if turn.channel == question.channel and not gone:
                found[place].append(turn)
    return found
