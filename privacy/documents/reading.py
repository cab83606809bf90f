"""Reads a JSON document with the position of each value, so that a change is made at
that place and everything else stays as it was written."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from privacy.strategies.base import EACH

DOCUMENT = re.compile(r"\s*[\[{]")
PART = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+')
DEEPEST = 50  # levels; what is deeper is no document of people

Path = tuple[str, ...]
Span = tuple[int, int]


@dataclass
class Node:
    """A value.

    `place` is where it stands, `key` where its name stands, if it has one. `value` is
    that of a leaf: a text, a number as written, a boolean, or None.
    """

    path: Path
    place: Span
    key: Span | None = None
    value: Any = None
    inside: list["Node"] = field(default_factory=list)
    is_object: bool = False
    is_leaf: bool = False

    @property
    def leaves(self) -> Iterator["Node"]:
        if self.is_leaf:
            yield self
        for each in self.inside:
            yield from each.leaves


def read(text: str) -> Node | None:
    """The object or array that the text is; None if it is not valid JSON of that
    kind."""
    if not DOCUMENT.match(text):
        return None
    try:
        json.loads(text)
        return Reader(text).value((), None)
    except (ValueError, RecursionError):
        return None


class Reader:
    """Reads a text that is known to be valid JSON."""

    def __init__(self, text: str) -> None:
        self.parts = [(found.span(), found[0]) for found in PART.finditer(text)]
        self.at = 0

    def value(self, path: Path, key: Span | None) -> Node:
        if len(path) > DEEPEST:
            raise ValueError("too deep")
        (start, end), part = self._next()
        node = Node(path, (start, end), key)
        if part in ("{", "["):
            node.is_object = part == "{"
            end = self._fill(node)
        else:
            node.is_leaf, node.value = True, _leaf(part)
        node.place = (start, end)
        return node

    def _fill(self, node: Node) -> int:
        """Reads its members up to its end."""
        while True:
            place, part = self.parts[self.at]
            if part in ("}", "]"):
                self.at += 1
                return place[1]
            if part == ",":
                self.at += 1
            elif node.is_object:
                span, name = self._next()
                self._next()  # the colon
                node.inside.append(self.value((*node.path, json.loads(name)), span))
            else:
                node.inside.append(self.value((*node.path, EACH), None))

    def _next(self) -> tuple[Span, str]:
        self.at += 1
        return self.parts[self.at - 1]


def _leaf(part: str) -> Any:
    """Numbers stay as they are written, to the last digit."""
    if part.startswith('"'):
        return json.loads(part)
    return {"true": True, "false": False, "null": None}.get(part, part)
