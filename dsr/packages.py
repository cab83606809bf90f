"""The person's copy: a ZIP with JSON for machines, CSV for tables, a page to read."""

import csv
import datetime as dt
import hashlib
import io
import json
import tempfile
import zipfile
from typing import IO, Any

from dateutil.relativedelta import relativedelta
from django.db import transaction
from django.template.loader import render_to_string

from dsr.models import Package, Ticket
from privacy import audit, disclosure
from privacy.models import Column, Purpose, Table
from privacy.models.sealing import seal_bytes, unseal_bytes
from privacy.refusals import Refusal

CONTEXT = "dsr_package.content"
KEPT_FOR = relativedelta(days=30)
FORMULA = ("=", "+", "-", "@", "\t", "\r")
IN_MEMORY = 8 * 1024 * 1024


class NoPackage(Refusal):
    """There is no copy for this request, or it has expired."""


def make(*, ticket: Ticket, now: dt.datetime) -> Package:
    """Build and seal the copy; a second call gives the first one back."""
    if ticket.plan is None:
        raise NoPackage
    if existing := Package.objects.filter(ticket=ticket).first():
        return existing
    with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY) as file:
        _write(file, ticket, now)
        file.seek(0)
        content = file.read()
    return Package.objects.create(
        ticket=ticket,
        content=seal_bytes(content, context=CONTEXT),
        digest=hashlib.sha256(content).hexdigest(),
        size=len(content),
        made_at=now,
        expires_at=now + KEPT_FOR,
    )


def _write(file: IO[bytes], ticket: Ticket, now: dt.datetime) -> None:
    """One table at a time, so that memory holds one table of one person."""
    titles: list[dict[str, Any]] = []
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        machine: dict[str, Any] = {}
        assert ticket.plan is not None  # noqa: S101 - asked by `make`
        for table, rows in disclosure.rows(ticket.plan):
            archive.writestr(f"{table}.csv", as_csv(rows))
            machine[str(table)] = rows
            titles.append(_read_like(table, rows))
        about = {"request": ticket.reference, "made_at": now.isoformat()}
        archive.writestr(
            "data.json", json.dumps({**about, "tables": machine}, indent=1)
        )
        page = {"ticket": ticket, "tables": titles, "now": now}
        archive.writestr("index.html", render_to_string("dsr/copy.html", page))


def as_csv(rows: list[dict[str, Any]]) -> str:
    """Cells that a spreadsheet would run as a formula get a quote before them."""
    if not rows:
        return ""
    out = io.StringIO()
    writer = csv.DictWriter(out, fieldnames=list(rows[0]))
    writer.writeheader()
    writer.writerows({key: _cell(value) for key, value in row.items()} for row in rows)
    return out.getvalue()


def _cell(value: Any) -> Any:
    if isinstance(value, dict | list):
        value = json.dumps(value, ensure_ascii=False)
    if isinstance(value, str) and value.startswith(FORMULA):
        return f"'{value}"
    return value


def _read_like(table: Table, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """A table with the words of the policy for each of its fields."""
    columns = {c.name: c for c in table.columns.select_related("category", "source")}
    purposes = dict(Purpose.objects.values_list("code", "title"))
    names = [name for name in (rows[0] if rows else {}) if name in columns]
    return {
        "title": table.title or table.name,
        "fields": [_field(columns[name], purposes) for name in names],
        "rows": [[row[name] for name in names] for row in rows],
    }


def _field(column: Column, purposes: dict[str, str]) -> dict[str, str]:
    return {
        "name": column.name.replace("_", " "),
        "category": str(column.category or ""),
        "source": str(column.source or ""),
        "purposes": ", ".join(purposes.get(code, code) for code in column.purposes),
    }


def content(*, ticket: Ticket, by: str, now: dt.datetime) -> bytes:
    """The ZIP, for whoever hands it over; that they took it is recorded."""
    package = Package.objects.filter(ticket=ticket, expires_at__gt=now).first()
    if package is None or package.content is None:
        raise NoPackage
    with transaction.atomic():
        audit.record(
            action="package.taken",
            subject=f"ticket:{ticket.reference}",
            by=by,
            now=now,
            digest=package.digest,
        )
    return unseal_bytes(bytes(package.content), context=CONTEXT)


def expire(*, now: dt.datetime) -> int:
    """The bytes of copies past their days go; that there was one stays."""
    old = Package.objects.filter(expires_at__lte=now, content__isnull=False)
    return old.update(content=None)
