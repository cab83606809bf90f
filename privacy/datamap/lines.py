"""Keeps the line numbers of a YAML file, so that an error names its line."""

import contextlib
from collections.abc import Iterator
from typing import Any

import yaml

from privacy.refusals import Refusal

Place = tuple[str, ...]


class BadMap(Refusal):
    """The map is not written as a map. Nothing was changed."""

    has_line = False


class Lines:
    """The document of a YAML text, and the line of each of its keys."""

    def __init__(self, text: str) -> None:
        self._lines: dict[Place, int] = {}
        try:
            reader = yaml.SafeLoader(text)  # the C library's one dies of deep nesting
            root = reader.get_single_node()
            if root is not None:
                self._note(root, ())  # before `<<` is put in place of its keys
            self.document: Any = root and reader.construct_document(root)
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            where = f" (line {mark.line + 1})" if mark else ""
            raise BadMap(f"The file is not YAML{where}. Nothing was changed.") from None
        except RecursionError:
            raise BadMap("The file refers to itself. Nothing was changed.") from None

    def _note(self, node: Any, place: Place) -> None:
        """YAML silently takes the last of two equal keys; a map must not."""
        if len(place) > 8 or not isinstance(node, yaml.MappingNode):
            return
        for key, value in node.value:
            inner, line = (*place, str(key.value)), key.start_mark.line + 1
            if inner in self._lines:
                both = f"lines {self._lines[inner]} and {line}"
                raise BadMap(
                    f"{key.value} is there twice ({both}). Nothing was changed."
                )
            self._lines[inner] = line
            self._note(value, inner)

    @contextlib.contextmanager
    def at(self, *place: str) -> Iterator[None]:
        """Adds to a refusal raised inside the line of the nearest key that is known."""
        try:
            yield
        except BadMap as refusal:
            raise self._with_line(refusal, place) from None

    def _with_line(self, refusal: BadMap, place: Place) -> BadMap:
        known = [self._lines.get(place[:depth]) for depth in range(len(place), 0, -1)]
        line = next((each for each in known if each), None)
        if refusal.has_line or line is None:
            return refusal
        told = BadMap(f"Line {line}: {refusal}")
        told.has_line = True
        return told


def mapping(value: Any, what: str) -> dict[str, Any]:
    """Returns keys with values, or nothing at all; refuses everything else with a
    sentence."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise BadMap(f"{what} must be keys with values. Nothing was changed.")
    return {str(key): inner for key, inner in value.items()}


def listing(value: Any, what: str) -> list[Any]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise BadMap(f"{what} must be a list. Nothing was changed.")
    return value
