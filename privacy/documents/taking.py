"""A document without one person's data.

In the person's own row everything goes that is not known to be impersonal, but data of
other people stays. In other people's rows only the person's data goes.
"""

import json
import re
from collections.abc import Iterator, Sequence

from privacy.datamap import words
from privacy.documents import whose
from privacy.documents.reading import Node, Span, read
from privacy.documents.whose import Known, Person

MARK = "[redacted]"
NOTHING = "null"
Edits = dict[Span, str]


def left(text: str, person: Person, known: Known, *, is_own: bool) -> str | None:
    """What is left of it; None where it is not a document, or where nothing would be
    left."""
    document = read(text)
    if document is None:
        return None
    take = _own if is_own else _of_others
    edits = take(document, person, known)
    kept = [n for n in document.leaves if n.value is not None and n.place not in edits]
    if is_own and not kept:
        return None
    edits |= _mentions(text, document, person, edits)
    return _written(text, edits)


# --- in the person's own row ------------------------------------------------------
def _own(document: Node, person: Person, known: Known) -> Edits:
    several = _is_of_several(document, person, known)
    others = _of_other_people(document, person, known, several=several)
    spared = {leaf.place for node in others for leaf in node.leaves}
    return {
        leaf.place: NOTHING
        for leaf in document.leaves
        if leaf.value is not None
        and leaf.place not in spared
        and not _stays(leaf, person, known)
    }


def _of_other_people(
    node: Node, person: Person, known: Known, *, several: bool
) -> Iterator[Node]:
    """What belongs to others: objects about a person whom the store knows, and elements
    of a list beside one that is the person's. Emergency contacts and the like are
    removed with the person who named them."""
    if any(words.is_of_other(step) for step in node.path[-1:]):
        return
    is_list = not node.is_leaf and not node.is_object
    beside = is_list and (
        several or any(whose.theirs(each, person, known) for each in node.inside)
    )
    for each in node.inside:
        is_part = is_list or (several and each.is_object)
        if is_part and _is_another(each, person, known, beside=beside):
            yield each
        else:
            yield from _of_other_people(each, person, known, several=several)


def _is_another(node: Node, person: Person, known: Known, *, beside: bool) -> bool:
    if node.is_leaf:
        is_own = known.is_own(node.path)
        return not is_own and whose.mark(node, known) in person.others
    if not node.is_object or not whose.is_of_another(node, person, known):
        return False
    return beside or whose.is_known_other(node, person, known)


def _is_of_several(document: Node, person: Person, known: Known) -> bool:
    """Its objects are about the person and about another known person, and as a whole
    it belongs to neither."""
    if whose.theirs(document, person, known):
        return False
    inner = [node for node in _objects(document) if node.path]
    others = [
        node
        for node in inner
        if whose.is_known_other(node, person, known)
        and not any(map(words.is_of_other, node.path))
    ]
    return bool(others) and any(whose.theirs(n, person, known) for n in inner)


# --- in rows of others ------------------------------------------------------------
def _of_others(document: Node, person: Person, known: Known) -> Edits:
    edits: Edits = {}
    for node in _objects(document):
        some = whose.theirs(node, person, known)
        if node.path:
            below = [leaf for inner in _single(node) for leaf in inner.leaves]
            some = [*some, *(below if _is_whole(node, some) else [])]
            goes = [leaf for leaf in some if not _stays(leaf, person, known)]
        elif whose.is_called(node, person, known) and _is_whole(node, some):
            goes = [n for n in node.leaves if not _stays(n, person, known)]
        else:  # a document of others as a whole keeps what they wrote
            goes = [leaf for leaf in some if known.is_identity(leaf.path)]
        edits |= {leaf.place: NOTHING for leaf in goes if leaf.value is not None}
    return edits


def _stays(leaf: Node, person: Person, known: Known) -> bool:
    return known.is_fact(leaf.path) and not whose.is_written(leaf, person)


def _objects(node: Node) -> Iterator[Node]:
    if node.is_object:
        yield node
    for each in node.inside:
        yield from _objects(each)


def _single(node: Node) -> list[Node]:
    """Objects inside it that are not elements of a list, and so are parts of it."""
    return [each for each in node.inside if each.is_object]


def _is_whole(node: Node, some: Sequence[Node]) -> bool:
    """Nobody else is named in it beside the person."""
    own = [each for each in node.inside if each.is_leaf]
    return bool(some) and all(leaf in some for leaf in own)


# --- anywhere ---------------------------------------------------------------------
def _mentions(text: str, document: Node, person: Person, edits: Edits) -> Edits:
    """Removes the person's numbers and addresses from what stays, keys included."""
    pattern = re.compile(person.pattern, re.IGNORECASE)
    found: Edits = {}
    for place in _tokens(document):
        said = text[slice(*place)]
        if place not in edits and pattern.search(said):
            is_text = said.startswith('"')
            cleaned = pattern.sub(MARK, json.loads(said)) if is_text else None
            found[place] = json.dumps(cleaned, ensure_ascii=False)
    return found


def _tokens(node: Node) -> Iterator[Span]:
    if node.key:
        yield node.key
    if node.is_leaf:
        yield node.place
    for each in node.inside:
        yield from _tokens(each)


def _written(text: str, edits: Edits) -> str:
    parts, at = [], 0
    for (start, end), new in sorted(edits.items()):
        parts += [text[at:start], new]
        at = end
    return "".join([*parts, text[at:]])
