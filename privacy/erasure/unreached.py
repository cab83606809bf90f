"""What no plan reaches by itself, so that none is called complete without saying so."""

from collections import Counter
from collections.abc import Iterator, Sequence

from privacy import subjects
from privacy.datamap import Map, checked, ciphers, endings, keyed
from privacy.models import Column, Table
from privacy.subjects import Found

FILES = (
    "{table}: {many} rows name files, and the map does not say in which storage. The "
    "files stay."
)
SEALED = (
    "{table}: people are identified there only by values that the application "
    "encrypted ({columns}), so nobody can be found."
)
KEPT = (
    "{table}: {columns} of {many} rows can't be changed by any treatment that was "
    "tried, so the values stay."
)
SHARED = (
    "Rows of {table} that belong to somebody else as much: {many}. What is theirs "
    "stays; only what is this person's is taken out."
)
UNDECIDED = (
    "Rows of {table} may belong to the people whose rows in {target} they are linked "
    "to; nobody has decided it yet. None was looked for from the person's {many} there."
)
TEXTS = ("CharField", "TextField")
NOT_ENDED = (endings.NO_WAY, endings.SEALED, checked.REFUSED)  # no law asks for it

# What an exception is to the person, who knows no tables: by words of its sentence.
PLAIN = {
    "The files stay.": "Files that our records name",
    "only by values that the application encrypted": (
        "Encrypted data in which we can find nobody"
    ),
    "can't be changed by any treatment": "Values that can't be changed",
    "from which no text can be removed": (
        "Records of other people in which something of yours can't be removed"
    ),
    "of them was followed": "A number or address that other people have too",
    "is also that of somebody else": "A number or address that other people have too",
    "that depend on the person's and name somebody else": (
        "Records about something of yours that belong to somebody else"
    ),
    "nobody has decided it yet": (
        "Records of which nobody has decided yet whose they are"
    ),
    "had another owner": "Records that may be of somebody who had the number before",
}
COUNTED = "that belong to somebody else as much"  # with its own ground in the letter
UNSEEN = "Data that nobody has classified yet, which may be yours or not"


def files(table: Table, columns: Sequence[Column], many: int) -> Iterator[str]:
    """Rows that are erased without the files whose names they hold."""
    named = any(
        c.identifier == "file" and c.kind in TEXTS and not c.path for c in columns
    )
    if named and not table.files:
        yield FILES.format(table=table, many=many)


def plainly(exceptions: Sequence[str]) -> dict[str, int]:
    """Exceptions of a plan in words without tables, and how many of each; those that a
    table of the plan says with its ground are left to it."""
    return dict(Counter(_plain(each) for each in exceptions if COUNTED not in each))


def _plain(exception: str) -> str:
    return next((said for part, said in PLAIN.items() if part in exception), UNSEEN)


def kept(table: Table, columns: Sequence[Column], many: int) -> Iterator[str]:
    """Values that stay without a legal reason, only because no treatment was
    possible."""
    names = [c.full_name for c in columns if c.is_personal and c.ground in NOT_ENDED]
    names += [
        c.full_name
        for c in columns
        if c.ground == endings.KEY and c.identifier in keyed.MARKS
    ]
    if names:
        yield KEPT.format(table=table, columns=", ".join(names), many=many)


def shared(table: Table, many: int) -> str:
    """Rows that are left for the others whose they are, too."""
    return SHARED.format(table=table, many=many)


def undecided(found: Found) -> Iterator[str]:
    """What the person's rows may lead to, and nobody has said yet whether they do."""
    for link in found.mapped.undecided:
        target = found.mapped.by_id(link.target_id)
        if many := len(found.of(target)):
            yield UNDECIDED.format(table=link.table, target=target, many=many)


def sealed(mapped: Map) -> Iterator[str]:
    """Tables of people in which nobody can be looked up."""
    for table in mapped.tables.values():
        hidden = [c for c in mapped.columns(table) if c.identifier == ciphers.KIND]
        is_person = table.about == Table.About.PERSON
        if hidden and is_person and not subjects.identifying(mapped, table):
            names = ", ".join(column.full_name for column in hidden[:3])
            yield SEALED.format(table=table, columns=names)
