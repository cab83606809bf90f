"""Cleans events on their way to analytics: message content is taken out, and so is
whatever identifies a person by its form (phone numbers, addresses, card numbers and so
on).

A word in brackets takes its place, so that an event keeps its shape.
"""

from typing import Any, NamedTuple

from privacy.datamap import contents, words
from privacy.refusals import Refusal

DEEPEST = 40
LONGEST_NUMBER = 19  # digits of a whole number that could be dialled or charged
WRITTEN = ("message", "text")  # meanings of fields in which people say something


class TooDeep(Refusal):
    """An event nests values more than forty levels deep."""


class Finding(NamedTuple):
    """Where in the event (`properties.form.friend`) and what it was: message, phone,
    …"""

    path: str
    what: str


class Cleaned(NamedTuple):
    event: Any
    findings: list[Finding]


def clean(event: Any) -> Cleaned:
    """The event as it may go to analytics, and what was taken out.

    Raises `TooDeep`.
    """
    findings: list[Finding] = []
    return Cleaned(_clean(event, (), False, findings), findings)


def _clean(
    value: Any, path: tuple[str, ...], is_written: bool, findings: list[Finding]
) -> Any:
    if len(path) > DEEPEST:
        raise TooDeep
    if isinstance(value, dict):
        return dict(_item(each, path, findings) for each in value.items())
    if isinstance(value, list):
        inner = ((*path, str(n)) for n in range(len(value)))
        return [
            _clean(v, p, is_written, findings)
            for v, p in zip(value, inner, strict=True)
        ]
    if isinstance(value, str) and is_written and value.strip():
        return _taken("message", path, findings)
    if isinstance(value, str):
        return without(value, path, findings)
    return _number(value, path, findings)


def _item(
    item: tuple[str, Any], path: tuple[str, ...], findings: list[Finding]
) -> tuple[str, Any]:
    """A name, too, can be a phone number or an address, as in counts by sender."""
    name = without(item[0], path, findings)
    named = words.named(name)
    is_written = named is not None and named.meaning.code in WRITTEN
    return name, _clean(item[1], (*path, name), is_written, findings)


def _number(value: Any, path: tuple[str, ...], findings: list[Finding]) -> Any:
    """Also finds a phone number that a program has turned into a float:
    12025550143.0."""
    is_fraction = isinstance(value, float) and not value.is_integer()
    if isinstance(value, bool) or not isinstance(value, (int, float)) or is_fraction:
        return value
    digits = str(int(value))
    if not 10 <= len(digits) <= LONGEST_NUMBER or not contents.find(digits):
        return value
    return without(digits, path, findings)


def without(text: str, path: tuple[str, ...], findings: list[Finding]) -> str:
    """The text with each value replaced by the word for its kind."""
    for mention in reversed(contents.find(text)):
        word = _taken(mention.kind, path, findings)
        text = text[: mention.start] + word + text[mention.end :]
    return text


def _taken(what: str, path: tuple[str, ...], findings: list[Finding]) -> str:
    findings.append(Finding(".".join(path), what))
    return f"[{what}]"
