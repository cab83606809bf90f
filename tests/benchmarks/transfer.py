"""Lists in, lists cleaned, and ten thousand questions at once, beside the bare SQL."""

import csv
import functools
import hmac
import tempfile
from collections.abc import Iterator
from pathlib import Path

from django.db import connection
from django.utils import timezone

from consent import marks, transfer
from consent.api.checks import results
from privacy.models.sealing import seal
from tests.benchmarks import ground, lookups
from tests.benchmarks.ground import NOW, Result

FIRST = 2_120_000_000  # of the numbers here; nobody's, and never called
BULK = 10_000
CHUNK = 20_000
CSV = "phone,kind,date\n"
BASE = """
SELECT COALESCE(max(id), 0), (SELECT COALESCE(max(sequence), 0) FROM consent_ledgerline)
FROM privacy_identifier
"""
BARE_IDENTIFIERS = """
COPY privacy_identifier (id, kind, digest, key_id, value, hint, created_at) FROM STDIN
"""
BARE_EVENTS = """
COPY consent_event (identifier_id, channel, covers, kind, organization, source, route,
    occurred_at, recorded_at, recorded_by, idempotency_key, evidence) FROM STDIN
"""
BARE_STANDINGS = """
COPY consent_standing (identifier_id, channel, organization, state, since, renewed_at,
    event_id) FROM STDIN
"""
FORGET = """
SET session_replication_role = replica;
DELETE FROM consent_standing WHERE identifier_id > {id};
DELETE FROM consent_event WHERE sequence > {sequence};
DELETE FROM consent_ledgerline WHERE sequence > {sequence};
DELETE FROM consent_chunk WHERE first > {sequence};
DELETE FROM privacy_identifier WHERE id > {id};
SET session_replication_role = DEFAULT;
"""
TAKEN = (
    "privacy_identifier",
    "consent_event",
    "consent_ledgerline",
    "consent_standing",
)
BARE_JOIN = """
SELECT a.place, s.organization, s.state, s.since, s.renewed_at, s.event_id
FROM unnest(%s::text[], %s::int[]) AS a(digest, place)
JOIN privacy_identifier i ON i.kind = 'phone' AND i.digest = a.digest
JOIN consent_standing s ON s.identifier_id = i.id AND s.channel = 'sms'
"""


def run(rows: int, rounds: int) -> Iterator[Result]:
    lookups.fill(rows)
    size = max(rows // 10, BULK)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        yield imported(folder, size, rounds)
        yield bulk(rows, rounds)
        yield scrubbed(folder, size, rows, rounds)
        for verb in ("import", "scrub"):
            yield memory(folder, size, verb)


def number(n: int) -> str:
    return f"+1{FIRST + n}"


def kind(n: int) -> str:
    return "opt_in" if n % 2 else "opt_out"


def write(path: Path, size: int, *, first: int = 0) -> None:
    when = NOW.isoformat()
    lines = (f"{number(n)},{kind(n)},{when}\n" for n in range(first, first + size))
    with path.open("w") as file:
        file.write(CSV)
        file.writelines(lines)


def base() -> tuple[int, int]:
    with connection.cursor() as cursor:
        cursor.execute(BASE)
        return cursor.fetchone()


def forget(before: tuple[int, int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(FORGET.format(id=before[0], sequence=before[1]))
        cursor.execute(f"VACUUM ANALYZE {', '.join(TAKEN)}")
        cursor.execute("CHECKPOINT")


def imported(folder: Path, size: int, rounds: int) -> Result:
    """Against COPY of the finished rows into the same three tables, triggers and all;
    the last round's people stay."""
    path, pairs = folder / "list.csv", []
    write(path, size)
    before = base()
    for _ in range(rounds):
        texts = finished(size, before)
        bare = ground.timed(functools.partial(copy, texts))
        forget(before)
        product = ground.timed(lambda: take(path))
        pairs.append((bare, product))
        if len(pairs) < rounds:
            forget(before)
    rate = size / min(product for _, product in pairs)
    return ground.result(
        "consent import", size, pairs, 0.4, remark=f"{rate:.0f} rows/s"
    )


def finished(size: int, before: tuple[int, int]) -> tuple[str, str, str]:
    """The rows as COPY takes them, made beforehand."""
    ((key_id, key),) = marks.keys().items()
    when, people, events, standings = NOW.isoformat(), [], [], []
    for n in range(size):
        identifier, event = before[0] + 1 + n, before[1] + 1 + n
        digest = marks.fingerprints("phone", [number(n)], key)[0]
        sealed = seal(number(n), context="privacy_identifier.value").hex()
        people.append(
            f"{identifier}\tphone\t{digest}\t{key_id}\t\\\\x{sealed}\t+1 00\t{when}\n"
        )
        covers = ("sms", "mms") if n % 2 else ("sms", "mms", "voice")
        events.append(
            f"{identifier}\tsms\t{{{','.join(covers)}}}\t{kind(n)}\t\tproviders\timport\t"
            f'{when}\t{when}\tbench\timport:{digest[:32]}\t{{"import": "1"}}\n'
        )
        standings += [
            f"{identifier}\t{each}\t\t{kind(n)}\t{when}\t{when}\t{event}\n"
            for each in covers
        ]
    return "".join(people), "".join(events), "".join(standings)


def copy(texts: tuple[str, str, str]) -> None:
    statements = (BARE_IDENTIFIERS, BARE_EVENTS, BARE_STANDINGS)
    with connection.cursor() as cursor:
        cursor.execute("BEGIN")
        for statement, text in zip(statements, texts, strict=True):
            with cursor.copy(statement) as into:
                into.write(text)
        cursor.execute("COMMIT")


def take(path: Path) -> None:
    transfer.take_in(
        path=path,
        results=path.with_suffix(".results"),
        options=transfer.Options(wording="You get texts.", page="sign-up"),
        by="bench",
        clock=timezone.now,
    )


def digests(values: list[str]) -> list[str]:
    (key,) = marks.keys().values()
    return [hmac.digest(key, b"phone:" + v.encode(), "sha256").hex() for v in values]


def join(found: list[str]) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(BARE_JOIN, [found, list(range(len(found)))])
        return cursor.fetchall()


def bulk(rows: int, rounds: int) -> Result:
    """From texts to facts; half of them opted in, so that quiet hours are asked too."""
    numbers = [number(n) for n in range(BULK)]
    known = digests(numbers)
    question = {"channel": "sms", "organization": "", "purpose": "marketing"}
    question |= {"program": "", "at": "", "known": "", "state": ""}
    join(known), results(list(numbers), question)  # both warm
    pairs = [
        (
            ground.timed(lambda: join(known)),
            ground.timed(lambda: results(list(numbers), question)),
        )
        for _ in range(max(rounds, 5))
    ]
    each = min(product for _, product in pairs) * 1000
    remark = f"{each:.0f} ms for 10,000; the bar is three times the bare SQL"
    return ground.result("bulk check of 10,000", rows, pairs, 0.33, remark=remark)


def scrubbed(folder: Path, size: int, rows: int, rounds: int) -> Result:
    """A list of which half is known, against hashing and joining the same chunks."""
    source, target = folder / "scrub.csv", folder / "clean.csv"
    write(source, size, first=size // 2)

    def bare() -> None:
        with source.open() as file:
            read = csv.reader(file)
            next(read)
            values = [row[0] for row in read]
        for start in range(0, len(values), CHUNK):
            join(digests(values[start : start + CHUNK]))

    def product() -> None:
        transfer.scrub(
            source=source,
            target=target,
            channel="sms",
            purpose="service",
            by="bench",
            now=timezone.now(),
        )

    pairs = [(ground.timed(bare), ground.timed(product)) for _ in range(rounds)]
    remark = f"{size:,} numbers against {rows:,}"
    return ground.result("scrub of a list", size, pairs, 0.5, remark=remark)


def memory(folder: Path, size: int, verb: str) -> Result:
    """The peak of a process that takes a tenth of a list, and all of it."""
    peaks = []
    for each in (size // 10, size):
        path = folder / f"memory-{each}.csv"
        write(path, each, first=10 * size + each)
        more = [f"{path}.clean", "--channel", "sms"] if verb == "scrub" else []
        peaks.append(ground.peak("consent", verb, str(path), *more))
    small, large = peaks
    remark = f"{small // 1024} MiB at {size // 10:,} rows, {large // 1024} at {size:,}"
    return ground.result(
        f"memory of {verb}", size, [(small, large)], 0.9, remark=remark
    )
