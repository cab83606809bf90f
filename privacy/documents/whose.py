"""Whose an object in a document is: the person's, somebody else's, or nobody's.

It is the person's if it says so itself: by their number, address or key, or by first
and last name together. Where it names somebody else as well (`host_email` and
`guest_email`), the values whose names begin like the person's are the person's.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from privacy import identifiers
from privacy.datamap import words
from privacy.documents.reading import Node, Path, read
from privacy.identifiers import Mark, NotAnIdentifier
from privacy.models import Column
from privacy.strategies.base import EACH

ANY = "{}"  # the step into an object whose keys are values
LONGEST = 254  # an address is no longer
WORD = re.compile(r"[^\W\d_]{2,}")
MOST_WORDS = 6  # of a name
Names = Collection[tuple[str, str]]


@dataclass(frozen=True)
class Person:
    """What a person is known by. `keys` are the keys of their rows, by where they stand
    in the document; `others` are identifiers of other people."""

    marks: Collection[Mark]
    pattern: str  # finds their marks in any notation, and their names
    names: Names = ()
    keys: Mapping[Path, Collection[str]] = field(default_factory=dict)
    others: Collection[Mark] = ()


class Known:
    """What the map says about a document's paths. `of_person` is set in a table of
    people, where addresses in the document are the person's own."""

    def __init__(
        self, whole: Column, columns: Collection[Column], *, of_person: bool = False
    ) -> None:
        self.of_person = of_person
        inner = [c for c in columns if c.name == whole.name and c.path]
        self.personal = {tuple(c.path): c for c in inner if c.is_personal}
        self.facts = {tuple(path) for path in whole.options.get("facts", ())}
        self.region = whole.options.get("region", identifiers.DEFAULT_REGION)

    def is_fact(self, path: Path) -> bool:
        """The value was classified as not personal."""
        return path in self.facts or any(_fits(path, each) for each in self.facts)

    def is_of_kind(self, path: Path, *kinds: str) -> bool:
        column = self.personal.get(path)
        return column is not None and column.identifier in kinds

    def is_own(self, path: Path) -> bool:
        """A number or an address of the person whose row it is."""
        column = self.personal.get(path)
        return (
            self.of_person
            and column is not None
            and (
                column.whose == Column.Whose.SUBJECT
                and column.identifier in ("phone", "email", "contact")
            )
        )

    def is_identity(self, path: Path) -> bool:
        """It identifies somebody, unlike a text in which people write freely."""
        column = self.personal.get(path)
        return column is not None and not column.free_text


def _fits(path: Path, known: Path) -> bool:
    return len(path) == len(known) and all(
        step in (ANY, own) for own, step in zip(path, known, strict=True)
    )


def mark(leaf: Node, known: Known) -> Mark | None:
    """The number or address that a whole value is, if any."""
    text = str(leaf.value or "")
    if isinstance(leaf.value, bool) or not 5 < len(text) <= LONGEST:
        return None
    if "@" not in text and not known.is_of_kind(leaf.path, "phone", "contact"):
        return None
    try:
        return identifiers.understand(text, known.region)
    except NotAnIdentifier:
        return None


def theirs(node: Node, person: Person, known: Known) -> list[Node]:
    """The leaves of an object that are the person's because of what the object says."""
    own = list(_direct(node))
    said = [leaf for leaf in own if _says(leaf, person, known)]
    if not said and not _is_called(own, person, known):
        return []
    if not any(_is_of_another(leaf, person, known) for leaf in own):
        return own
    beginnings = {_beginning(leaf) for leaf in said} - {()}
    return [
        leaf
        for leaf in own
        if leaf in said
        or (_beginning(leaf) in beginnings and not _is_of_another(leaf, person, known))
    ]


def is_of_another(node: Node, person: Person, known: Known) -> bool:
    """It names somebody who is not the person."""
    own = list(_direct(node))
    if theirs(node, person, known):
        return False
    return any(_is_of_another(leaf, person, known) for leaf in own) or any(
        known.is_of_kind(leaf.path, "name") and leaf.value for leaf in own
    )


def is_known_other(node: Node, person: Person, known: Known) -> bool:
    return any(mark(leaf, known) in person.others for leaf in _direct(node))


def _direct(node: Node) -> Iterator[Node]:
    """Values of the object itself, and of lists of values in it."""
    for each in node.inside:
        if each.is_leaf:
            yield each
        elif not each.is_object:
            yield from (one for one in each.inside if one.is_leaf)


def _says(leaf: Node, person: Person, known: Known) -> bool:
    if leaf.value is None:
        return False
    if str(leaf.value).casefold() in person.keys.get(leaf.path, ()):
        return True
    return mark(leaf, known) in person.marks or is_written(leaf, person)


def is_written(leaf: Node, person: Person) -> bool:
    """The value is their number, address or name, in any notation, and nothing else."""
    text = str(leaf.value).strip()
    return len(text) <= LONGEST and bool(
        re.fullmatch(person.pattern, text, re.IGNORECASE)
    )


def _is_called(leaves: list[Node], person: Person, known: Known) -> bool:
    """First and last name, in one value or in two that are names."""
    said = [str(leaf.value) for leaf in leaves if isinstance(leaf.value, str)]
    named = [str(leaf.value) for leaf in leaves if known.is_of_kind(leaf.path, "name")]
    return any(_named([text], person) for text in said) or _named(named, person)


def _named(texts: list[str], person: Person) -> bool:
    """As a name of its own, not in the middle of a sentence."""
    said = [w for text in texts for w in WORD.findall(text[:LONGEST].casefold())]
    return len(said) <= MOST_WORDS and any(
        first in said and last in said for first, last in person.names
    )


def _is_of_another(leaf: Node, person: Person, known: Known) -> bool:
    found = mark(leaf, known)
    if found is None or is_written(leaf, person):
        return False
    return found not in person.marks


def _beginning(leaf: Node) -> tuple[str, ...]:
    """`host_email` begins like `host_name`; each element of a list stands for
    itself."""
    if not leaf.path or leaf.path[-1] == EACH:
        return ()
    return tuple(words.tokens(leaf.path[-1])[:-1])


def is_called(node: Node, person: Person, known: Known) -> bool:
    return _is_called(list(_direct(node)), person, known)


def marks_in(texts: Iterable[str], known: Known) -> set[Mark]:
    """The numbers and addresses that are whole values of the documents."""
    some = [document for text in texts if (document := read(text)) is not None]
    leaves = [leaf for document in some for leaf in document.leaves]
    return {found for leaf in leaves if (found := mark(leaf, known))}
