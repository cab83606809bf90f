"""Values as a spreadsheet shows them, and never runs them."""

import csv
import io
import json
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")


def lines(names: list[str], rows: Iterable[dict[str, Any]]) -> Iterator[str]:
    """CSV, a line at a time; cells that would be a formula get a quote before them."""
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
    """OWASP, CSV injection: also after blanks, and with the signs of wide scripts."""
    if isinstance(value, dict | list):
        value = json.dumps(value, ensure_ascii=False)
    if isinstance(value, str) and _plain(value).startswith(FORMULA):
        return f"'{value}"
    return value


def _plain(value: str) -> str:
    start = unicodedata.normalize("NFKC", value[:40])
    return start.lstrip(" \ufeff\u200b")
