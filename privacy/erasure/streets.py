"""Where people live according to their own rows, to take it out of texts about them.

House and street together, as the person's row has them, `12 Elm Street`, or with its
usual short form, `12 Elm St.` Another house of the street, and an address in other
words, are left.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

from privacy import spellings, stores
from privacy.datamap import Map, words
from privacy.models import Column, Table
from privacy.subjects import Found, Key, by_key
from privacy.subjects.rows import chunks, owned, values_of

HOUSE = re.compile(r"(?=.*\d)(?=.*[^\W\d_]{4}).{6,}")
TEXTS = ("CharField", "TextField")
GAP = r"[ ,.]{1,3}"
WHOLE = r"(?<!\w){}(?!\w)"
SHORT = (
    ("street", "st"), ("avenue", "ave"), ("road", "rd"), ("boulevard", "blvd"),
    ("drive", "dr"), ("lane", "ln"), ("court", "ct"), ("square", "sq"),
    ("terrace", "ter"), ("highway", "hwy"), ("parkway", "pkwy"), ("avenida", "avda"),
    ("platz", "pl"), ("straße", "strasse", "str"),
)  # fmt: skip
JOINED = re.compile(r"(.*)(straße|strasse|str|platz|pl)", re.IGNORECASE)


def of(founds: Sequence[Found]) -> dict[int, set[str]]:
    """By the identity of each `Found`, the first lines of their own addresses."""
    lived: dict[int, set[str]] = defaultdict(set)
    maps = {found.mapped.store.pk: found.mapped for found in founds}
    for mapped in maps.values():
        for table in mapped.tables.values():
            some = [c for c in mapped.columns(table) if _is_street(c)]
            whose = owned(table, founds) if some else {}
            for key, street in _read(mapped, table, some, list(whose)):
                for found in whose[key]:
                    lived[id(found)].add(street)
    return lived


def pattern(streets: Sequence[str]) -> str:
    """A regular expression that finds these; empty if there are none."""
    return "|".join(
        WHOLE.format(GAP.join(map(_spelled, re.split(r"[\s.,]+", street))))
        for street in sorted(streets)
    )


def _spelled(word: str) -> str:
    """The word in its long and its short form: Street and St, Hofstraße and Hofstr."""
    stem, end = "", word
    if joined := JOINED.fullmatch(word):
        stem, end = joined.groups()
    forms = next((each for each in SHORT if end.lower() in each), None)
    if forms is None:
        return spellings.also_in_json(word)
    ends = "|".join(map(spellings.also_in_json, forms))
    return f"{spellings.also_in_json(stem)}(?:{ends})"


def _read(
    mapped: Map, table: Table, columns: Sequence[Column], keys: Sequence[Key]
) -> Iterator[tuple[Key, str]]:
    width, names = len(table.key), [*table.key, *(c.name for c in columns)]
    with stores.reaching(mapped.store):
        for chunk in chunks(keys):
            rows = mapped.rows(table).filter(by_key(table, chunk))
            for cells in values_of(rows, names):
                for cell in filter(None, cells[width:]):
                    street = re.split(r"[,;\n]", str(cell))[0].strip(" .")
                    if HOUSE.fullmatch(street):
                        yield tuple(cells[:width]), street


def _is_street(column: Column) -> bool:
    """The person's own, and not only a town or a postcode."""
    if column.path or column.kind not in TEXTS or not column.is_personal:
        return False
    said = words.named(column.name)
    is_own = column.whose == Column.Whose.SUBJECT
    return is_own and said is not None and said.meaning.code == "address"
