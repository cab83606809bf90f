"""Values that a spreadsheet shows and never runs as formulas."""

import csv
import io
import json
import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")
PHONE = re.compile(r"\+[0-9]{7,15}")  # E.164: a number, which others must read again


def lines(names: list[str], rows: Iterable[dict[str, Any]]) -> Iterator[str]:
    """CSV, a line at a time; cells that would be a formula get a quote in front."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([cell(name) for name in names])
    yield _taken(out)
    for row in rows:
        writer.writerow([cell(row[name]) for name in names])
        yield _taken(out)


def _taken(out: io.StringIO) -> str:
    text = out.getvalue()
    out.seek(0)
    out.truncate()
    return text


def cell(value: Any) -> Any:
    """OWASP, CSV injection: also after blanks, and with full-width signs."""
    if isinstance(value, dict | list):
        value = json.dumps(value, ensure_ascii=False)
    if isinstance(value, str) and _may_run(value):
        return f"'{value}"
    return value


def _may_run(value: str) -> bool:
    if PHONE.fullmatch(value):
        return False
    first = next((letter for letter in value if not _is_unseen(letter)), "")
    return value.startswith(FORMULA) or unicodedata.normalize("NFKC", first).startswith(
        FORMULA
    )


def _is_unseen(letter: str) -> bool:
    """Any kind of space, a form feed, a zero-width character."""
    return letter.isspace() or unicodedata.category(letter) in ("Cc", "Cf")
