"""What a person told us about contact, as they are shown it themself (GDPR Art. 15).

In codes, for machines; whoever shows it has the words. What was said before the number
was given to its present holder is the former one's.
"""

import datetime as dt
from collections.abc import Callable, Collection
from typing import Any

from consent import ledger, listings, programs
from consent.evidence import facts
from consent.models import Event, Listing
from privacy.identifiers import Mark

Row = dict[str, Any]
Kind = Event.Kind
# With other events, the words are those of our staff.
SAID = (Kind.OPT_IN, Kind.OPT_OUT, Kind.HELP, Kind.CLAIM)
EVERY = "every"  # sender


def of(
    mark: Mark,
    *,
    is_theirs: Callable[[dt.datetime], bool],
    sources: Collection[str] = (),
) -> list[Row]:
    """Events and lists, oldest first; `sources` limits them, none means all."""
    told = programs.with_senders(ledger.told_by(mark)).select_related("utterance")
    events = [
        event
        for event in told.exclude(kind=Kind.REASSIGNMENT)
        if is_theirs(event.occurred_at) and (not sources or event.source in sources)
    ]
    listed = [] if sources else listings.said_of(mark)
    rows = [_event(event, mark) for event in events]
    rows += [
        _listed(row, mark)
        for row in listed
        if row.list != Listing.List.REASSIGNED and is_theirs(row.listed_at)
    ]
    return sorted(rows, key=lambda row: str(row["at"]))


def given_on(mark: Mark, *, at: dt.datetime) -> dt.datetime | None:
    """Since when the number is another person's than before, as the ledger knows."""
    told = ledger.told_by(mark).filter(occurred_at__lte=at)
    corrected = told.filter(kind=Kind.CORRECTION).values_list("evidence", flat=True)
    wrong = [int(evidence["corrects"]) for evidence in corrected]
    given = told.filter(kind=Kind.REASSIGNMENT).exclude(pk__in=wrong)
    return given.values_list("occurred_at", flat=True).first()


def _event(event: Any, mark: Mark) -> Row:
    return {
        "at": _instant(event.occurred_at),
        "about": mark.value,
        "what": event.kind,
        "channel": event.channel,
        "covers": ", ".join(event.covers),
        "sender": _sender(event),
        "program": event.program.name if event.program else "",
        "how": event.route,
        "source": event.source,
        "words": facts.said(event) if event.kind in SAID else "",
        "shown": str(event.evidence.get("wording", "")),
        "until": "",
    }


def _sender(event: Any) -> str:
    if not event.organization:
        return EVERY
    return str(event.sender_name or event.organization)


def _listed(row: listings.Entry, mark: Mark) -> Row:
    nothing = dict.fromkeys(
        ("channel", "covers", "sender", "program", "how", "source", "words", "shown"),
        "",
    )
    ends = {"until": _instant(row.ends_at) if row.ends_at else ""}
    at = {"at": _instant(row.listed_at), "about": mark.value, "what": row.list}
    return at | nothing | ends


def _instant(at: dt.datetime) -> str:
    return at.astimezone(dt.UTC).isoformat()
