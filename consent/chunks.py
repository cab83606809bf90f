"""The events of a list have no audit row each; each chunk of them has one.

That row holds the root of a hash tree over its events, and the pack for counsel the
path from one person's event to it: so whoever changes an event of a list behind the
portal meets the trail, and nobody else's events have to be shown. The hashes themselves
are kept, too: so the path stands whatever became of the other events, and it is known
which event was changed. Lists from before have none, and are hashed again.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from consent.models import Chunk, Event
from consent.sql import chunks
from privacy.models import AuditEvent

TAKEN = ("import.rows_taken", "consent.taken_over")  # what the rows of chunks are
LEAF = hashlib.sha256().digest_size
NODE = b"\x01"  # no leaf begins with it
Path = list[tuple[str, str]]  # on which side, and the other node there in hexadecimal


class Place(NamedTuple):
    """Where an event is sealed; the path is None where others of its chunk are no
    longer on record. `leaf` is the hash that was sealed, if it was kept."""

    row: AuditEvent
    path: Path | None
    leaf: str | None


def seal(*, recorded_at: dt.datetime) -> dict[str, Any]:
    """For the audit row of the chunk that was just spread; in its transaction."""
    first, last = chunks.touched()
    if first is None:
        return {}
    found = chunks.leaves(first=first, last=last, recorded_at=recorded_at)
    leaves = [leaf for _, leaf in found]
    Chunk.objects.create(first=first, leaves=b"".join(leaves))
    return {"first": first, "last": last, "root": root(leaves)}


def places(events: Iterable[Event]) -> dict[int, Place]:
    """By number, of those events that came with a list since chunks are sealed."""
    found: dict[int, Place] = {}
    for event in events:
        row = _row_of(event)
        if row is not None:
            found[event.sequence] = _place(event, row)
    return found


def _row_of(event: Event) -> AuditEvent | None:
    rows = AuditEvent.objects.filter(action__in=TAKEN, subject__in=_lists(event))
    for row in rows.filter(at=event.recorded_at):
        said = _sealed(row)
        if said.get("first", 0) <= event.sequence <= said.get("last", -1):
            return row
    return None


def _lists(event: Event) -> list[str]:
    said = event.evidence
    return [f"{kind}:{said[kind]}" for kind in ("import", "log") if kind in said]


def _sealed(row: AuditEvent) -> dict[str, Any]:
    return dict(json.loads(row.payload)["details"])


def _place(event: Event, row: AuditEvent) -> Place:
    said = _sealed(row)
    place = event.sequence - said["first"]
    if kept := _kept(said):
        return Place(row, path(kept, place), kept[place].hex())
    first, last = said["first"], said["last"]
    found = chunks.leaves(first=first, last=last, recorded_at=event.recorded_at)
    is_whole = len(found) == last - first + 1
    return Place(
        row, path([leaf for _, leaf in found], place) if is_whole else None, None
    )


def _kept(said: dict[str, Any]) -> list[bytes]:
    """The hashes of the chunk; none where they are not those that the trail sealed."""
    row = Chunk.objects.filter(first=said["first"]).first()
    text = bytes(row.leaves) if row else b""
    leaves = [text[at : at + LEAF] for at in range(0, len(text), LEAF)]
    return leaves if leaves and root(leaves) == said["root"] else []


# --- the tree -------------------------------------------------------------------
def root(leaves: Sequence[bytes]) -> str:
    level = list(leaves)
    while len(level) > 1:
        level = _above(level)
    return level[0].hex()


def path(leaves: Sequence[bytes], place: int) -> Path:
    """What to hash a leaf with, from the bottom up."""
    level, steps = list(leaves), []
    while len(level) > 1:
        other = place ^ 1
        if other < len(level):
            steps.append(("left" if place % 2 else "right", level[other].hex()))
        level, place = _above(level), place // 2
    return steps


def _above(level: list[bytes]) -> list[bytes]:
    """Of two nodes one; a last one alone goes up as it is."""
    pairs = zip(level[::2], level[1::2], strict=False)
    made = [hashlib.sha256(NODE + left + right).digest() for left, right in pairs]
    return made + level[len(level) & ~1 :]
