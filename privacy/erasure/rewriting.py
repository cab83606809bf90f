"""Documents in rows that are about to be erased, each without the person's data.

They are read right before the statement, which replaces a document only if it is still
what was read; any other is treated like all the rest.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from django.db.models import F, JSONField, Q, TextField, Value, When
from django.db.models.functions import Cast
from django.db.models.lookups import Exact

from privacy import documents, spellings, stores
from privacy.datamap import Map
from privacy.documents import Known, Person
from privacy.erasure import naming, unlisting
from privacy.erasure.beginning import marks_of
from privacy.models import Column, Plan, Table
from privacy.strategies.expressions import Matches
from privacy.subjects import Key, by_key, parties
from privacy.subjects.rows import chunks, values_of

NEVER = "(?!)"  # an empty pattern would be found everywhere
BEGINS = r"^\s*[\[{]"
Texts = Mapping[Key, str]


def rewritten(
    plan: Plan,
    mapped: Map,
    table: Table,
    keys: Sequence[Key],
    columns: Sequence[Column],
    *,
    is_own: bool = False,
) -> dict[str, list[When]]:
    """Maps each column to the new versions of its documents, for `changes.assignments`;
    empty for a plan about no person, such as the removal of card numbers."""
    new: dict[str, list[When]] = {}
    if not marks_of(plan):
        return new
    for whole in [c for c in columns if c.is_document]:
        texts = dict(_read(mapped, table, whole, keys))
        if not texts:
            continue
        is_person = table.about == Table.About.PERSON
        known = Known(whole, mapped.columns(table), of_person=is_person)
        person = _person(plan, mapped, table, whole, known, texts)
        new[whole.name] = [
            _when(whole, by_key(table, [key]), text, left)
            for key, text in texts.items()
            if (left := documents.left(text, person, known, is_own=is_own)) is not None
            and (is_own or left != text)
        ]
    return {name: whens for name, whens in new.items() if whens}


def _read(
    mapped: Map, table: Table, whole: Column, keys: Sequence[Key]
) -> Iterator[tuple[Key, str]]:
    text, width = Cast(whole.name, TextField()), len(table.key)
    with stores.reaching(mapped.store):
        for chunk in chunks(keys):
            rows = mapped.rows(table).filter(by_key(table, chunk))
            rows = rows.filter(Q(Matches(text, Value(BEGINS))))
            rows = rows.annotate(document_text=text)
            for cells in values_of(rows, [*table.key, "document_text"]):
                yield tuple(cells[:width]), str(cells[width])


def _when(whole: Column, key: Q, text: str, left: str) -> When:
    is_same = Q(Exact(Cast(F(whole.name), TextField()), Value(text)))
    is_json = whole.kind == "JSONField"
    new = Cast(Value(left), JSONField() if is_json else TextField())
    return When(key & is_same, then=new)


def _person(
    plan: Plan,
    mapped: Map,
    table: Table,
    whole: Column,
    known: Known,
    texts: Texts,
) -> Person:
    marks = marks_of(plan)
    keys = {
        tuple(link.columns[0].split(".")[1:]): {
            str(key[0]).casefold() for key in unlisting.keys(plan, mapped, link)
        }
        for link in mapped.lists_of(table)
        if link.columns[0].split(".")[0] == whole.name
    }
    names = naming.read(plan)
    called = spellings.of_names(names, is_own=False)
    return Person(
        marks=marks,
        pattern="|".join(filter(None, [spellings.any_of(marks), called])) or NEVER,
        names=names,
        keys=keys,
        others=_others(mapped, known, texts, marks),
    )


def _others(
    mapped: Map, known: Known, texts: Texts, marks: Collection[Any]
) -> Collection[Any]:
    """The identifiers in these documents that occur in rows of other people."""
    said = documents.marks_in(texts.values(), known) - set(marks)
    some = sorted(said, key=lambda mark: mark.value)
    return parties.private(mapped, some, [Table.About.PERSON])
