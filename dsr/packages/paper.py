"""The copy as a PDF: what we hold, what for, and the first rows of each table.

Values reach the typesetter as data, never as markup, so that nobody can put commands
into their own name.
"""

import json
import re
from collections.abc import Sequence
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

import typst
from django.conf import settings
from django.utils.formats import date_format

from dsr import languages
from dsr.packages import own
from privacy.models import InternationalTransfer

MOST_ROWS = 200  # of a table: a paper is for reading, the rest is in the other files
LONGEST = 600  # of a value
LONG_WORD = re.compile(r"(\S{30})")


@cache
def template() -> bytes:
    path = Path(settings.BASE_DIR) / "templates" / "dsr" / "copy" / "paper.typ"
    return path.read_bytes()


@cache
def fonts() -> typst.Fonts:
    """Found once in each process: looking for them takes as long as the typesetting."""
    return typst.Fonts()


def made(copy: own.Whole, facts: dict[str, Any], counts: dict[str, int]) -> bytes:
    """Tagged, so that a screen reader finds headings and tables."""
    language = facts["language"]
    mine = facts | {"read": own.reader(facts)}
    document = {
        "language": language,
        "title": languages.say(language, "copy.title", reference=facts["ticket"]),
        "intro": languages.say(
            language, "copy.intro", date=date_format(facts["now"], "DATE_FORMAT")
        ),
        "annex": annex(facts),
        "tables": [
            _table(table, rows, facts, counts[str(table)])
            for table, rows in copy.stores.rows()
        ]
        + [
            _table(sheet, own.in_words(sheet, mine), mine, counts[str(sheet)])
            for sheet in copy.sheets
        ],
    }
    pdf = typst.compile(
        template(),
        format="pdf",
        font_paths=fonts(),
        sys_inputs={"document": json.dumps(document)},
    )
    return bytes(pdf)


def annex(facts: dict[str, Any]) -> list[dict[str, Any]]:
    """Headings with their lines, as on the web page."""
    language, said, read = facts["language"], facts["annex"], facts["read"]

    def words(name: str, **values: Any) -> str:
        return languages.say(language, f"copy.{name}", **values)

    def line(title: str, rest: str) -> str:
        return languages.say(language, "notice.line", title=read(title), rows=rest)

    left_out = [words("others", number=facts["redacted"])] if facts["redacted"] else []
    left_out += [
        words("secret", what=read(s.what), table=read(s.table)) for s in said.secrets
    ]
    parts = [
        ("purposes", [line(p.title, read(p.lawful_basis)) for p in said.purposes]),
        ("categories", [line(c.title, read(c.description)) for c in said.categories]),
        ("sources", [line(s.title, read(s.description)) for s in said.sources]),
        ("recipients", [provider.name for provider in said.recipients]),
        ("transfers", _transfers(said.transfers, language)),
        ("automated", _decisions(said, words, line, read)),
        ("periods", [line(r.title, _period(r, facts)) for r in said.periods]),
        ("left_out", left_out),
        ("rights", [words("rights_text")]),
    ]
    return [{"title": words(name), "lines": lines} for name, lines in parts if lines]


def _decisions(said: Any, words: Any, line: Any, read: Any) -> list[str]:
    """GDPR Art. 15(1)(h); nothing where nobody has declared whether there are any."""
    if said.purposes and said.has_no_decisions:
        return [words("automated_none")]
    return [line(p.title, read(p.logic)) for p in said.decisions]


def _transfers(rows: Sequence[InternationalTransfer], language: str) -> list[str]:
    """GDPR Art. 15(2)."""
    if not rows:
        return []
    lines = [
        f"{row.provider} ({row.country}): "
        f"{languages.say(language, f'copy.{row.safeguard}') if row.safeguard else '-'}"
        for row in rows
    ]
    return [*lines, languages.say(language, "copy.transfers_copy")]


def _period(rule: Any, facts: dict[str, Any]) -> str:
    """“24 months (Text messages)”."""

    def words(name: str, **values: Any) -> str:
        return languages.say(facts["language"], f"copy.{name}", **values)

    pieces = [
        words(name if number == 1 else f"{name}s", number=number)
        for name, number in (("month", rule.months), ("day", rule.days))
        if number
    ]
    table = facts["read"](rule.table.title or rule.table.name)
    return f"{', '.join(pieces) or words('at_once')} ({table})"


def _table(table: Any, rows: Any, facts: dict[str, Any], count: int) -> dict[str, Any]:
    language, read = facts["language"], facts["read"]
    first = list(islice(rows, MOST_ROWS))
    names = list(first[0]) if first else []
    more = ""
    if count > len(first):
        more = languages.say(
            language, "copy.more", number=len(first), total=count, file=f"{table}.csv"
        )
    return {
        "title": f"{read(table.title or table.name)} ({count})",
        "names": [read(name.replace("_", " ")) for name in names],
        "rows": [[_short(row[name]) for name in names] for row in first],
        "more": more,
    }


def _short(value: Any) -> str:
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    text = text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
    return LONG_WORD.sub("\\1\u200b", text)  # where the paper may break it
