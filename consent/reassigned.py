"""Answers of the Reassigned Numbers Database: whether a number was given up since a
day, and so may be somebody else's.

"Yes" ends what was consented to until the day that was asked about, and nothing that
was said later: it may be the new person's. "No" is kept to prove the safe harbour, and
"no data" gives none (47 CFR 64.1200(m)). An answer is taken once, however often its
file comes.
"""

import csv
import datetime as dt
import hashlib
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import Min, QuerySet

from consent import ledger, listings
from consent.instants import FIRST_DAY
from consent.models import Channel, Event, ReassignedAnswer
from privacy import audit, identifiers
from privacy.identifiers import Mark
from privacy.refusals import Refusal

AT_ONCE = 1000  # answers in one transaction
MOST = 10_000  # answers while somebody waits for a page
ROUTE = "rnd"
Answer = ReassignedAnswer.Answer
COLUMNS = {
    "phone": ("phone", "number", "phone number", "telephone number", "tn"),
    "answer": ("answer", "result", "response"),
    "about": ("date", "asked about", "consent date"),
    "asked": ("asked", "asked on", "query date"),
}
FORMATS = ("%Y-%m-%d", "%m/%d/%Y", "%Y%m%d")


class NotAnswers(Refusal):
    """The file has no columns phone and answer, with answers yes, no or no data."""


class NotADay(Refusal):
    """Write a day as 2026-11-24. It can't be in the future, nor before 20 December
    1991; and nobody can ask about a day after the one on which they asked."""


class TooManyAnswers(Refusal):
    """The file has more than 10,000 answers; whoever runs the portal can take it in
    with “consent reassigned”."""


class Said(NamedTuple):
    """`about_on` is the day that the question named, if the file says it."""

    mark: Mark
    answer: str
    about_on: dt.date | None
    asked_on: dt.date

    @property
    def day(self) -> dt.date:
        """Until when what was consented to is the former person's."""
        return self.about_on or self.asked_on


def take(
    *,
    content: bytes,
    source: str,
    by: str,
    now: dt.datetime,
    asked: str = "",
    most: int | None = None,
) -> Counter[str]:
    """How often each answer came, how many were known, and how many rows had no valid
    number. `asked` is the day of the query for rows that don't say it; without one, the
    day on which this file first came. Nothing is taken of a file that can't be read."""
    digest = hashlib.sha256(content).hexdigest()
    day = _day(asked, now) or _first(digest) or _today(now)
    counts: Counter[str] = Counter()
    read = list(_read(content, day, counts, now))
    if most is not None and len(read) > most:
        raise TooManyAnswers
    file = {"source": source[:120], "file": digest}
    for start in range(0, len(read), AT_ONCE):
        counts["known"] += _take(read[start : start + AT_ONCE], file, by, now)
    return +counts


def answers_of(mark: Mark) -> QuerySet[ReassignedAnswer]:
    """About this number, latest first."""
    rows = ReassignedAnswer.objects.filter(
        identifier__kind=mark.kind, identifier__digest__in=identifiers.digests(mark)
    )
    return rows.order_by("-asked_on", "-pk")


# --- the file ---------------------------------------------------------------------
def _read(
    content: bytes, asked_on: dt.date, counts: Counter[str], now: dt.datetime
) -> Iterator[Said]:
    try:
        rows = csv.DictReader(io.StringIO(content.decode("utf-8-sig")), strict=True)
        for row in rows:
            if said := _row(_named(row), asked_on, now):
                counts[said.answer] += 1
                yield said
            else:
                counts["not a number"] += 1
    except (UnicodeDecodeError, csv.Error):
        raise NotAnswers from None


def _named(row: dict[str, str]) -> dict[str, str]:
    """Its cells by our names of their columns."""
    told = {str(k).strip().lower(): str(v or "").strip() for k, v in row.items()}
    told = {name.replace("_", " "): text for name, text in told.items()}
    return {
        ours: told[name]
        for ours, names in COLUMNS.items()
        for name in names
        if name in told
    }


def _row(said: dict[str, str], asked_on: dt.date, now: dt.datetime) -> Said | None:
    answer = said.get("answer", "").lower().replace("_", " ")
    if "phone" not in said or answer not in Answer.values:
        raise NotAnswers
    about_on = _day(said.get("about", ""), now)
    asked_on = _day(said.get("asked", ""), now) or asked_on
    if about_on and about_on > asked_on:
        raise NotADay
    try:
        mark = identifiers.phone(said["phone"])
    except identifiers.NotAnIdentifier:
        return None
    return Said(mark, answer, about_on, asked_on)


def _day(text: str, now: dt.datetime) -> dt.date | None:
    if not text.strip():
        return None
    for form in FORMATS:
        try:
            day = dt.datetime.strptime(text.strip(), form).replace(tzinfo=dt.UTC).date()
        except ValueError:
            continue
        if FIRST_DAY.date() < day <= _today(now):
            return day
    raise NotADay


def _today(now: dt.datetime) -> dt.date:
    return now.astimezone(ZoneInfo(settings.LEGAL_TIME_ZONE)).date()


def _first(digest: str) -> dt.date | None:
    rows = ReassignedAnswer.objects.filter(file=digest)
    day: dt.date | None = rows.aggregate(day=Min("asked_on"))["day"]
    return day


# --- what they change ---------------------------------------------------------------
def _take(said: Sequence[Said], file: dict[str, str], by: str, now: dt.datetime) -> int:
    """How many were known."""
    with transaction.atomic():
        ledger.lock()
        people = identifiers.keep_many({each.mark for each in said}, now=now)
        rows = {
            (people[each.mark].pk, each.asked_on, each.about_on, each.answer): each
            for each in said
        }
        for known in _known([person for person, *_ in rows]):
            rows.pop(known, None)
        ReassignedAnswer.objects.bulk_create(
            ReassignedAnswer(
                identifier_id=person,
                answer=each.answer,
                about_on=each.about_on,
                asked_on=each.asked_on,
                recorded_at=now,
                recorded_by=by,
                **file,
            )
            for (person, *_), each in rows.items()
        )
        gone = [each for each in rows.values() if each.answer == Answer.YES]
        for each in gone:
            _reassign(each, file, by, now)
        audit.record(
            action="reassigned.taken",
            subject="list:reassigned",
            by=by,
            now=now,
            rows=len(rows),
            reassigned=len(gone),
            file=file["file"],
        )
    return len(said) - len(rows)


def _known(people: list[int]) -> set[tuple[int, dt.date, dt.date | None, str]]:
    rows = ReassignedAnswer.objects.filter(identifier__in=people)
    names = ("identifier_id", "asked_on", "about_on", "answer")
    return set(rows.values_list(*names))


def _reassign(said: Said, file: dict[str, str], by: str, now: dt.datetime) -> None:
    """What was said on that day itself was still asked about."""
    zone = ZoneInfo(settings.LEGAL_TIME_ZONE)
    next_day = dt.datetime.combine(said.day + dt.timedelta(days=1), dt.time(), zone)
    since = min(next_day, now)
    person = ledger.subject_of(said.mark, now=now)
    ledger.record(
        mark=said.mark,
        kind=Event.Kind.REASSIGNMENT,
        channel=Channel.VOICE,
        source=Event.Source.THIRD_PARTY,
        route=ROUTE,
        occurred_at=since,
        idempotency_key=f"{ROUTE}:{person}:{said.day}",
        evidence={
            "asked": str(said.asked_on),
            "about": str(said.about_on or ""),
            "file": file["file"],
        },
        by=by,
        now=now,
    )
    listings.reassign(
        mark=said.mark, since=since, source=file["source"], by=by, now=now
    )
