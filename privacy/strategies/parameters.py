"""The settings of a treatment, read from the map or a form."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


class BadParameter(ValueError):
    """A sentence without its subject: "decimals must be a whole number"."""


@dataclass(frozen=True)
class Parameter:
    """One setting: its name in the map, its label on a form, and how it is read.

    `read` takes what YAML or a form gives, and raises `BadParameter`. A `default` of
    None means that it may be left out.
    """

    name: str
    label: str
    help: str
    read: Callable[[Any], Any]
    default: Any = None


def read(
    parameters: tuple[Parameter, ...], said: Mapping[str, Any], where: str
) -> dict[str, Any]:
    """The treatment's own settings, checked; those not given are left out."""
    known = {each.name: each for each in parameters}
    if unknown := sorted(set(said) - set(known)):
        takes = f"it takes {', '.join(known)}" if known else "it takes none"
        raise BadParameter(f"{where} has no setting called {unknown[0]}; {takes}")
    return {name: _one(known[name], value, where) for name, value in said.items()}


def _one(parameter: Parameter, value: Any, where: str) -> Any:
    try:
        return parameter.read(value)
    except BadParameter as problem:
        raise BadParameter(f"{parameter.name} of {where} {problem}") from None


# --- kinds of settings --------------------------------------------------------------


def whole(lowest: int, highest: int) -> Callable[[Any], int]:
    def check(value: Any) -> int:
        sentence = f"must be a whole number from {lowest} to {highest}"
        if isinstance(value, bool) or not str(value).strip().lstrip("-").isdecimal():
            raise BadParameter(sentence)
        if not lowest <= int(value) <= highest:
            raise BadParameter(sentence)
        return int(value)

    return check


def form(value: Any) -> str:
    """`(###) ###-####`"""
    said = str(value)
    if not 4 <= said.count("#") <= 15 or any(c.isalnum() for c in said):
        raise BadParameter("must have a # for each of four to fifteen digits")
    return said


def one_of(*names: str) -> Callable[[Any], str]:
    def check(value: Any) -> str:
        if value not in names:
            raise BadParameter(f"must be one of {', '.join(names)}")
        return str(value)

    return check


def rising(value: Any) -> list[int]:
    """Whole numbers, each above the one before: 0, 18, 65."""
    parts = value if isinstance(value, list) else str(value).split(",")
    try:
        edges = [int(str(part)) for part in parts]
    except ValueError:
        raise BadParameter("must be whole numbers, such as 0, 18, 65") from None
    if not edges or edges != sorted(set(edges)):
        raise BadParameter("must rise from each number to the next")
    return edges


def anything(value: Any) -> Any:
    return value
