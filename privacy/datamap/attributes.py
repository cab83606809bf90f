"""Tables that keep one value in each row, with a word beside it that says what the
value is (entity, attribute, value): `101, email, ada@example.com`.

Where the words describe people, the rows they belong to are people. A value in such a
column can be anything about them; it identifies them only where the word says that it
is their own number or address.
"""

from collections.abc import Iterator, Mapping, Sequence

from privacy.datamap import contents, sampling, words
from privacy.datamap.sampling import Values
from privacy.datamap.schema import LiveColumn, LiveTable
from privacy.datamap.verdicts import type_of

MOST_WORDS = 100  # different ones; more are no names of attributes
LEAST = 2  # words that say something personal
ALIKE = 0.6  # of the values beside such a word
REACHED = ("email", "phone")


def mark(tables: Sequence[LiveTable], samples: Mapping[str, Values]) -> None:
    """Notes for each such column where its word is (`told_by`), that the described rows
    are people (`described`), and other columns that the same words describe."""
    by_name = {table.full_name: table for table in tables}
    for table in tables:
        for code, value in _found(table, samples[table.full_name]):
            kinds = {to for own, to, _ in table.references if own == [code.name]}
            owners = [by_name[to] for own, to, _ in table.references
                      if own != [code.name] and to in by_name]  # fmt: skip
            if not owners:
                continue
            value.options["told_by"] = code.name
            table.attributes = code.name
            owners[0].described = True
            _mark_beside(tables, owners[0], kinds)


def _found(table: LiveTable, values: Values) -> Iterator[tuple[LiveColumn, LiveColumn]]:
    texts = [c for c in table.columns if type_of(c) == "text"]
    for code in texts:
        said = set(values.get(code.name, []))
        if not said or len(said) > MOST_WORDS:
            continue
        named = {word: kind for word in said if (kind := _kind(word))}
        if len(named) < LEAST:
            continue
        for value in texts:
            pairs = sampling.beside(values, code.name, value.name)
            is_past = words.is_version(value.name)  # of whatever was told so
            if value is not code and not is_past and _fits(named, pairs):
                yield code, value


def _kind(word: str) -> str:
    found = words.named(word)
    return found.meaning.identifier if found else ""


def _fits(named: Mapping[str, str], pairs: Sequence[tuple[str, str]]) -> bool:
    """Where the word says e-mail address, most values must be one."""
    said = [text for word, text in pairs if named.get(word) == "email"]
    mails = sum(contents.of(text) == "email" for text in said)
    return bool(said) and mails >= ALIKE * len(said)


def _mark_beside(
    tables: Sequence[LiveTable], owner: LiveTable, kinds: set[str]
) -> None:
    """Marks `val_num` and `val_date` beside `val_text`."""
    for table in tables:
        targets = {to for _, to, _ in table.references}
        if not table.attributes and kinds & targets and owner.full_name in targets:
            tied = {name for own, _, _ in table.references for name in own}
            for column in table.columns:
                if column.name not in tied | set(table.key):
                    column.options["described"] = True


def is_name(word: str) -> bool:
    """Whether the word says that the value is what the person is called."""
    return _kind(word) == "name" and not words.is_of_other(word)


def is_own(word: str) -> bool:
    """Whether the word says that the value is the person's own number or address."""
    return _kind(word) in REACHED and not words.is_of_other(word)
