"""The audit trail: who did what and why, written in the same transaction as the change.

The database numbers and chains the rows (`sql/audit_chain_v1.sql`); this module writes
and verifies them. A row never holds personal data, only ids and counts.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Iterator
from typing import Any

from privacy.models import AuditEvent
from privacy.refusals import Refusal
from privacy.sql import prepared

GENESIS = "0" * 64
MONTH_ENDED = "ledger.month_ended"


class TrailBroken(Refusal):
    """The audit trail was changed after it was written."""


def canonical(value: Any) -> str:
    """JSON with sorted keys and no spaces: the bytes that are hashed and signed."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def alone() -> None:
    """Whoever else writes to the trail waits until commit, as if a row were added."""
    prepared.run(prepared.ALONE, {})


def record(
    *, action: str, subject: str, by: str, now: dt.datetime, **details: Any
) -> AuditEvent:
    """Adds a row; call it inside the transaction of the change it describes.

    `action` is a noun and a verb ("hold.placed"), `subject` names a row ("hold:3"),
    `details` are counts, ids and reasons.
    """
    return prepared.add(
        event(action=action, subject=subject, by=by, now=now, **details)
    )


def record_many(events: Iterable[AuditEvent]) -> None:
    """Adds many rows in this order with one statement; otherwise as `record`."""
    AuditEvent.objects.bulk_create(events)


def event(
    *, action: str, subject: str, by: str, now: dt.datetime, **details: Any
) -> AuditEvent:
    """A row that has not been saved; the database gives it its place in the trail."""
    payload = canonical(
        {
            "action": action,
            "at": now.astimezone(dt.UTC).isoformat(),
            "by": by,
            "details": details,
            "subject": subject,
        }
    )
    return AuditEvent(at=now, by=by, action=action, subject=subject, payload=payload)


def link(previous: str, payload: str) -> str:
    return hashlib.sha256((previous + payload).encode()).hexdigest()


def verify() -> int:
    """The number of rows in the trail; raises `TrailBroken` at the first that is
    wrong."""
    return verify_after(0, GENESIS)[0]


def verify_after(count: int, last: str, most: int | None = None) -> tuple[int, str]:
    """Verifies up to `most` rows after the first `count`, the last of which has the
    hash `last`. Returns how many rows are verified by then, and the last hash. Raises
    `TrailBroken`."""
    rows = AuditEvent.objects.filter(sequence__gt=count).order_by("sequence")[:most]
    for event in rows.iterator(chunk_size=5000):
        count += 1
        if event.sequence != count:
            raise TrailBroken(f"Row {count} is missing: found row {event.sequence}.")
        _verify_row(event, last)
        last = event.hash
    return count, last


def ended() -> list[dict[str, Any]]:
    """The months of records that were destroyed, and how much of each, as the trail
    says."""
    rows = AuditEvent.objects.filter(action=MONTH_ENDED).order_by("sequence")
    said = [json.loads(row.payload) for row in rows]
    return [each["details"] | {"at": each["at"][:10]} for each in said]


def _rows() -> Iterator[AuditEvent]:
    return AuditEvent.objects.order_by("sequence").iterator(chunk_size=5000)


def _verify_row(event: AuditEvent, previous: str) -> None:
    said = json.loads(event.payload)
    repeats = (event.by, event.action, event.subject, event.at)
    told = (said["by"], said["action"], said["subject"], _instant(said["at"]))
    if event.previous != previous or event.hash != link(previous, event.payload):
        raise TrailBroken(f"Row {event.sequence} does not fit its place in the chain.")
    if repeats != told:
        raise TrailBroken(f"Row {event.sequence} says one thing and seals another.")


def _instant(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)


def export_lines(events: Iterable[AuditEvent] | None = None) -> Iterator[str]:
    """The trail as JSON lines, as the offline verifier reads them."""
    for event in events if events is not None else _rows():
        yield canonical(
            {
                "sequence": event.sequence,
                "previous": event.previous,
                "payload": event.payload,
                "hash": event.hash,
            }
        )
