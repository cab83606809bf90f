"""The files of a copy, each written while its rows are read.

Each format takes the rows one by one: memory holds a few thousand of a table at most,
whatever a person has (`disclosure.Copy`).
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

from dsr import translations
from dsr.models import Ticket
from dsr.packages import annex, own, paper
from privacy import audit, disclosure, signing, spreadsheets
from privacy.disclosure import OTHERS
from privacy.models import Column, Table

Row = dict[str, Any]
Field = dict[str, str]
ROWS = 200  # of one piece of the page
END = "</tbody></table></div></section>"


class Book:
    """The archive, and the size and digest of each file, for the manifest."""

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
    """Where data of other people was removed, by table, row and field."""

    NAMES = ["table", "row", "field", "times", "reason"]
    REASON = "Belongs to another person (GDPR Art. 15(4))"

    def __init__(self) -> None:
        self.places: list[Row] = []

    def watched(self, table: Table | own.Sheet, rows: Iterable[Row]) -> Iterator[Row]:
        for number, row in enumerate(rows, 1):
            for name, value in row.items():
                if times := str(value).count(OTHERS):
                    place = (str(table), number, name, times, self.REASON)
                    self.places.append(dict(zip(self.NAMES, place, strict=True)))
            yield row


def write(
    file: io.RawIOBase, ticket: Ticket, language: str, now: dt.datetime
) -> dict[str, int]:
    """CSV, JSON, a web page and a PDF to read, what was left out, and the manifest.
    Returns how many rows the portal itself had, by sheet."""
    plan = ticket.plan
    assert plan is not None  # noqa: S101 - asked by `make`
    out_file = cast("IO[bytes]", file)  # it writes, which is all that is needed
    with zipfile.ZipFile(out_file, "w", zipfile.ZIP_DEFLATED) as archive:
        book, left_out, counts = Book(archive), Redactions(), {}
        copy = own.Whole(ticket, disclosure.Copy(plan))
        for table, rows in copy.rows():
            with book.entry(f"{table}.csv") as out:
                counts[str(table)] = _csv(out, left_out.watched(table, rows))
        with book.entry("data.json") as out:
            _json(out, ticket, copy, now)
        if left_out.places:
            with book.entry("redactions.csv") as out:
                for line in spreadsheets.lines(Redactions.NAMES, left_out.places):
                    out.write(line)
        facts = {
            "ticket": ticket,
            "language": language,
            "read": translations.reader(language),
            "annex": annex.of(copy.stores),
            "redacted": sum(place["times"] for place in left_out.places),
            "now": now,
        }
        with book.entry("annex.json") as out:
            out.write(json.dumps(facts["annex"].described(), indent=1))
        _for_people(book, copy, facts, counts)
        _manifest(book, ticket, now, counts, left_out)
    return {str(sheet): len(sheet.rows) for sheet in copy.sheets}


def _csv(out: Entry, rows: Iterator[Row]) -> int:
    first = next(rows, None)
    if first is None:
        return 0
    count = 0
    for line in spreadsheets.lines(list(first), _chained(first, rows)):
        out.write(line)
        count += 1
    return count - 1


def _chained(first: Row, rest: Iterator[Row]) -> Iterator[Row]:
    yield first
    yield from rest


def _json(out: Entry, ticket: Ticket, copy: own.Whole, now: dt.datetime) -> None:
    about = {"request": ticket.reference, "made_at": now.isoformat()}
    out.write(json.dumps(about)[:-1] + ', "tables": {')
    for place, (table, rows) in enumerate(copy.rows()):
        out.write(f"{',' if place else ''}\n{json.dumps(str(table))}: [")
        for number, row in enumerate(rows):
            out.write(f"{',' if number else ''}\n{json.dumps(row, ensure_ascii=False)}")
        out.write("]")
    out.write("}}\n")


def _for_people(
    book: Book, copy: own.Whole, facts: dict[str, Any], counts: dict[str, int]
) -> None:
    with translation.override(facts["language"]):
        with book.entry("index.html") as out:
            parts = {"parts": paper.annex(facts), "is_empty": not counts}
            out.write(render_to_string("dsr/copy/start.html", facts | parts))
            for table, rows in copy.stores.rows():
                fields = fields_of(copy.stores.columns(table), facts)
                _table(out, rows, fields, _about(table, facts, counts))
            mine = facts | {"read": own.reader(facts)}
            for sheet in copy.sheets:
                fields = own.fields(sheet, mine)
                rows = own.in_words(sheet, mine)
                _table(out, rows, fields, _about(sheet, mine, counts))
            out.write("</main></body></html>\n")
        with book.entry("copy.pdf") as out:
            out.write(paper.made(copy, facts, counts))


def _about(
    table: Table | own.Sheet, facts: dict[str, Any], counts: dict[str, int]
) -> dict[str, Any]:
    title = facts["read"](table.title or table.name)
    return {
        "title": title,
        "count": counts[str(table)],
        "language": facts["language"],
    }


def _table(
    out: Entry, rows: Iterable[Row], fields: dict[str, Field], about: dict[str, Any]
) -> None:
    """With the policy's words for each of its fields."""
    piece: list[list[Any]] = []
    names: list[str] = []
    for row in rows:
        if not names:
            names = list(row)
            said = about | {"fields": [fields[name] for name in names]}
            out.write(render_to_string("dsr/copy/table.html", said))
        piece.append(list(row.values()))
        if len(piece) == ROWS:
            out.write(render_to_string("dsr/copy/rows.html", {"rows": piece}))
            piece = []
    if names:
        out.write(render_to_string("dsr/copy/rows.html", {"rows": piece}) + END)


def fields_of(columns: Iterable[Column], facts: dict[str, Any]) -> dict[str, Field]:
    """Maps each column to its title, as in the annex."""
    said, read = facts["annex"], facts["read"]
    categories = {each.code: read(str(each)) for each in said.categories}
    sources = {each.code: read(str(each)) for each in said.sources}
    purposes = {purpose.code: read(purpose.title) for purpose in said.purposes}
    return {
        column.name: {
            "name": read(column.name.replace("_", " ")),
            "category": categories.get(column.category_id or "", ""),
            "source": sources.get(column.source_id or "", ""),
            "purposes": ", ".join(purposes.get(code, code) for code in column.purposes),
        }
        for column in columns
        if not column.path
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
