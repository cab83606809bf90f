"""The files of a copy, each written as its rows are read.

The rows are read once for every form they take: that costs reading, and saves memory,
which holds a few rows of one table whatever a person has.
"""

import base64
import contextlib
import datetime as dt
import hashlib
import io
import json
import zipfile
from collections.abc import Iterable, Iterator
from typing import IO, Any, cast

from django.template.loader import render_to_string
from django.utils import translation

from dsr.models import Ticket
from dsr.packages import annex, cells, paper
from privacy import audit, disclosure, signing
from privacy.disclosure import OTHERS
from privacy.models import Column, Plan, Purpose, Table

Row = dict[str, Any]
ROWS = 200  # of one piece of the page
END = "</tbody></table></div></section>"


class Book:
    """The archive, and of each file its size and digest, for the manifest."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self.archive = archive
        self.files: list[dict[str, Any]] = []

    @contextlib.contextmanager
    def entry(self, name: str) -> Iterator["Entry"]:
        with self.archive.open(name, "w", force_zip64=True) as file:
            entry = Entry(file)
            yield entry
        said = {"name": name, "bytes": entry.size, "sha256": entry.digest.hexdigest()}
        self.files.append(said)


class Entry:
    def __init__(self, file: IO[bytes]) -> None:
        self.file, self.size, self.digest = file, 0, hashlib.sha256()

    def write(self, text: str | bytes) -> None:
        content = text.encode() if isinstance(text, str) else text
        self.size += len(content)
        self.digest.update(content)
        self.file.write(content)


class Redactions:
    """Where something of other people was, by table, row and field."""

    NAMES = ["table", "row", "field", "times", "reason"]
    REASON = "Belongs to another person (GDPR Art. 15(4))"

    def __init__(self) -> None:
        self.places: list[Row] = []

    def watched(self, table: Table, rows: Iterable[Row]) -> Iterator[Row]:
        for number, row in enumerate(rows, 1):
            for name, value in row.items():
                if times := str(value).count(OTHERS):
                    place = (str(table), number, name, times, self.REASON)
                    self.places.append(dict(zip(self.NAMES, place, strict=True)))
            yield row


def write(file: io.RawIOBase, ticket: Ticket, language: str, now: dt.datetime) -> None:
    """CSV, JSON, a page and a paper to read, what was left out, and the manifest."""
    plan = ticket.plan
    assert plan is not None  # noqa: S101 - asked by `make`
    out_file = cast("IO[bytes]", file)  # it writes, which is all that is needed
    with zipfile.ZipFile(out_file, "w", zipfile.ZIP_DEFLATED) as archive:
        book, left_out, counts = Book(archive), Redactions(), {}
        for table, rows in disclosure.rows(plan):
            with book.entry(f"{table}.csv") as out:
                counts[str(table)] = _csv(out, left_out.watched(table, rows))
        with book.entry("data.json") as out:
            _json(out, ticket, plan, now)
        if left_out.places:
            with book.entry("redactions.csv") as out:
                for line in cells.lines(Redactions.NAMES, left_out.places):
                    out.write(line)
        facts = {
            "ticket": ticket,
            "language": language,
            "annex": annex.of(plan),
            "redacted": sum(place["times"] for place in left_out.places),
            "now": now,
        }
        with book.entry("annex.json") as out:
            out.write(json.dumps(facts["annex"].described(), indent=1))
        _for_people(book, plan, facts, counts)
        _manifest(book, ticket, now, counts, left_out)


def _csv(out: Entry, rows: Iterator[Row]) -> int:
    first = next(rows, None)
    if first is None:
        return 0
    count = 0
    for line in cells.lines(list(first), _chained(first, rows)):
        out.write(line)
        count += 1
    return count - 1


def _chained(first: Row, rest: Iterator[Row]) -> Iterator[Row]:
    yield first
    yield from rest


def _json(out: Entry, ticket: Ticket, plan: Plan, now: dt.datetime) -> None:
    about = {"request": ticket.reference, "made_at": now.isoformat()}
    out.write(json.dumps(about)[:-1] + ', "tables": {')
    for place, (table, rows) in enumerate(disclosure.rows(plan)):
        out.write(f"{',' if place else ''}\n{json.dumps(str(table))}: [")
        for number, row in enumerate(rows):
            out.write(f"{',' if number else ''}\n{json.dumps(row, ensure_ascii=False)}")
        out.write("]")
    out.write("}}\n")


def _for_people(
    book: Book, plan: Plan, facts: dict[str, Any], counts: dict[str, int]
) -> None:
    with translation.override(facts["language"]):
        with book.entry("index.html") as out:
            parts = {"parts": paper.annex(facts), "is_empty": not counts}
            out.write(render_to_string("dsr/copy/start.html", facts | parts))
            for table, rows in disclosure.rows(plan):
                _table(out, table, rows, facts["language"], counts[str(table)])
            out.write("</main></body></html>\n")
        with book.entry("copy.pdf") as out:
            out.write(paper.made(plan, facts, counts))


def _table(
    out: Entry, table: Table, rows: Iterable[Row], language: str, count: int
) -> None:
    """With the words of the policy for each of its fields."""
    fields: list[dict[str, str]] = []
    piece: list[list[Any]] = []
    for row in rows:
        if not fields:
            fields = fields_of(table, list(row))
            said = {"table": table, "fields": fields, "count": count}
            out.write(
                render_to_string("dsr/copy/table.html", {**said, "language": language})
            )
        piece.append(list(row.values()))
        if len(piece) == ROWS:
            out.write(render_to_string("dsr/copy/rows.html", {"rows": piece}))
            piece = []
    if fields:
        out.write(render_to_string("dsr/copy/rows.html", {"rows": piece}) + END)


def fields_of(table: Table, names: list[str]) -> list[dict[str, str]]:
    columns = {
        c.name: c
        for c in table.columns.select_related("category", "source")
        if not c.path
    }
    purposes = dict(Purpose.objects.values_list("code", "title"))
    return [_field(columns[name], purposes) for name in names]


def _field(column: Column, purposes: dict[str, str]) -> dict[str, str]:
    return {
        "name": column.name.replace("_", " "),
        "category": str(column.category or ""),
        "source": str(column.source or ""),
        "purposes": ", ".join(purposes.get(code, code) for code in column.purposes),
    }


def _manifest(
    book: Book,
    ticket: Ticket,
    now: dt.datetime,
    counts: dict[str, int],
    left_out: Redactions,
) -> None:
    """Signed as certificates are: Ed25519 over the bytes of manifest.json."""
    key_id, key = signing.signing_key()
    document = audit.canonical(
        {
            "type": "copy-of-personal-data",
            "version": 1,
            "request": ticket.reference,
            "made_at": now.isoformat(),
            "rows": counts,
            "redactions": len(left_out.places),
            "files": list(book.files),
            "key": key_id,
        }
    ).encode()
    with book.entry("manifest.json") as out:
        out.write(document)
    with book.entry("manifest.sig") as out:
        out.write(base64.b64encode(key.sign(document)))
    with book.entry("manifest.pem") as out:
        out.write(signing.public_key(key_id))
