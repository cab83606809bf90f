"""What was found for each person: what stays and why, and what is left."""

import datetime as dt
import json
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from privacy import subjects
from privacy.datamap import Map
from privacy.identifiers import Kind, Mark
from privacy.models import Plan
from privacy.residue import files, plain, portal, reading
from privacy.residue.matching import TITLE, WORD, Matcher, Name
from privacy.residue.reading import Hit, Pass
from privacy.subjects import Key

KEEP = "keep"


@dataclass(frozen=True)
class Waiting:
    """A plan that waits for proof, and what its person is known by."""

    plan: Plan
    marks: Sequence[Mark]
    names: Collection[Name] = ()
    groundless: str = ""  # the ground of rows that stay because nothing is in them
    signs: Collection[str] = ()  # words, and years, that with a part of a name tell
    known: Collection[Hit] = ()  # what may be theirs in rows that certainly are

    @property
    def hints(self) -> set[tuple[str, str]]:
        """The names, and the last four digits of each number with each word of a name
        (their own, or from an e-mail address): no proof, but worth a look."""
        titled = {(TITLE, word) for word in self._words}
        return self.endings | self.beside | titled | set(self.names)

    @property
    def beside(self) -> set[tuple[str, str]]:
        said = self._words
        some = [sign for sign in self.signs if not sign.isdigit() and sign not in said]
        return {(sign, word) for sign in some for word in said}

    @property
    def _words(self) -> set[str]:
        return {word for name in self.names for word in name if WORD.fullmatch(word)}

    @property
    def endings(self) -> set[tuple[str, str]]:
        numbers = [m.value[-4:] for m in self.marks if m.kind == Kind.PHONE]
        numbers += [sign for sign in self.signs if sign.isdigit()]
        locals_ = [m.value.split("@")[0] for m in self.marks if m.kind == Kind.EMAIL]
        said = [*locals_, *(word for name in self.names for word in name)]
        words = {word for text in said for word in WORD.findall(text)}
        return {(four, word) for four in numbers for word in words}


@dataclass
class Residue:
    """`document` is for plan and certificate, without personal data; `hits` are copies
    that nothing explains; `hints` may be the person's but prove nothing; `down` names
    stores that didn't answer."""

    document: dict[str, Any]
    left: int
    hits: list[Hit]
    hints: list[Hit]
    down: list[str]

    @property
    def unread(self) -> list[dict[str, str]]:
        return list(self.document["unread"])


def run(*, waiting: Sequence[Waiting], now: dt.datetime) -> list[Residue]:
    """Reads everything once, and says for each plan, in order, what is still there."""
    hints: dict[str, set[str]] = defaultdict(set)
    for each in waiting:
        for four, word in each.endings:
            hints[four].add(word)
    names = {name for each in waiting for name in each.names}
    beside: dict[str, set[str]] = defaultdict(set)
    for sign, word in (pair for each in waiting for pair in each.beside):
        beside[sign].add(word)
    marks = [mark for each in waiting for mark in each.marks]
    matcher = Matcher(marks, hints, names, beside)
    seen = Pass()
    reading.read(matcher, seen)
    files.read(matcher, seen)
    portal.read(matcher, seen)
    return [_told(each, seen, len(waiting), now) for each in waiting]


def _told(each: Waiting, seen: Pass, together: int, now: dt.datetime) -> Residue:
    hits = {hit for mark in each.marks for hit in seen.hits.get(mark, ())}
    decided = _decided(each.plan)
    kept = _kept(each, hits) | {hit for hit in hits if _written(hit) in decided}
    hints = (_hints(each, seen) | set(each.known)) - hits
    if hints:  # a row that stays as it is with a ground is no surprise
        stay = _planned_to_stay(each)
        hints = {hint for hint in hints if (hint.table, hint.key) not in stay}
    hints = {hint for hint in hints if _written(hint) not in decided}
    copies = Counter(hit.place for hit in hits)
    stays = Counter(hit.place for hit in kept)
    document = {
        "searched": seen.searched,
        "searched_at": now.isoformat(),
        "together": together,
        "spellings": plain.SPELLINGS,
        "found": [
            {"place": place, "copies": copies[place], "kept": stays[place]}
            for place in sorted(copies)
        ],
        "warnings": _counted(hints),
        "common_names": sum(
            len(seen.hints.get(name, ())) >= reading.COMMON for name in each.names
        ),
        "unread": seen.unread,
        "left": len(hits) - len(kept),
    }
    left = sorted(hits - kept, key=lambda hit: (hit.place, hit.key))
    told = sorted(hints, key=lambda hit: (hit.place, hit.key))
    return Residue(document, len(left), left, told, seen.down)


def _hints(each: Waiting, seen: Pass) -> set[Hit]:
    return {hit for hint in each.hints for hit in seen.hints.get(hint, ())}


def _counted(hints: set[Hit]) -> list[dict[str, Any]]:
    places = Counter(hit.place for hit in hints)
    return [{"place": place, "copies": n} for place, n in sorted(places.items())]


def _decided(plan: Plan) -> set[tuple[str, str]]:
    """Places that somebody looked at and that stay, with the ground and who decided."""
    stay = plan.leftovers.filter(decision__in=("keep", "not_them"))
    return {(each.place, each.key.open()) for each in stay}


def _written(hit: Hit) -> tuple[str, str]:
    return hit.place, json.dumps(hit.key)


def _kept(each: Waiting, hits: set[Hit]) -> set[Hit]:
    """Copies in rows that stay for a stated reason: a legal ground, a hold, or another
    owner (who had the number earlier)."""
    if not hits:
        return set()
    rows = _planned_to_stay(each)
    kept = {hit for hit in hits if (hit.table, hit.key) in rows}
    if len(kept) < len(hits) and each.plan.summary.get("withheld"):
        rows = _of_others(each)
        kept |= {hit for hit in hits if (hit.table, hit.key) in rows}
    return kept


def _planned_to_stay(each: Waiting) -> set[tuple[str, tuple[str, ...]]]:
    """Rows that stay with a ground. Others stay because nothing was in them, which is
    what this reading has to prove."""
    maps: dict[int, Map] = {}
    stay = set()
    rows = each.plan.rows.filter(action=KEEP).exclude(ground=each.groundless)
    for row in rows.select_related("table__store"):
        mapped = maps.setdefault(row.table.store_id, Map(row.table.store))
        key = subjects.read_key(mapped, row.table, row.key.open())
        stay.add((str(row.table), as_read(key)))
    return stay


def as_read(key: Key) -> tuple[str, ...]:
    """A key as the reading writes it: bytes in base64, all else as text."""
    written: list[Any] = json.loads(subjects.written_key(key))
    return tuple(
        said if isinstance(part, bytes | memoryview) else str(part)
        for part, said in zip(key, written, strict=True)
    )


def _of_others(each: Waiting) -> set[tuple[str, tuple[str, ...]]]:
    at = each.plan.cutoff or each.plan.planned_at
    return {
        (str(row.table), as_read(row.key))
        for found in subjects.everywhere(marks=each.marks, at=at)
        for row in found.withheld.values()
    }
