"""A line of the promise board, with what one reader may open and do."""

from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from django.urls import Resolver404, resolve

from privacy import staff
from privacy.models import Promise, PromiseCheck


class Found(NamedTuple):
    """One piece of evidence; its address is empty for a reader who may not open it."""

    sentence: str
    number: int | None
    url: str


class Advice(NamedTuple):
    """What to do, and `who` can do it; empty when the reader can."""

    sentence: str
    who: str


@dataclass
class Line:
    """A promise with its latest check, for one reader."""

    promise: Promise
    check: PromiseCheck | None
    reader: Any

    @property
    def evidence(self) -> list[Found]:
        return [
            Found(each["sentence"], number_of(each), opened(each["url"], self.reader))
            for each in (self.check.evidence if self.check else [])
        ]

    @property
    def advice(self) -> list[Advice]:
        """Each piece of advice once, in the order of the evidence."""
        said = [
            each.get("remedy") for each in (self.check.evidence if self.check else [])
        ]
        wanted = [(each["sentence"], each["needs"]) for each in said if each]
        return [
            Advice(sentence, who(needs, self.reader))
            for sentence, needs in dict.fromkeys(wanted)
        ]

    @property
    def state(self) -> str:
        """A promise that nobody has checked is not yet kept."""
        return self.check.state if self.check else PromiseCheck.State.UNKEPT

    @property
    def words(self) -> str:
        if self.check is None:
            return "Never checked"
        return str(PromiseCheck.State(self.state).label)


def number_of(evidence: dict[str, Any]) -> int | None:
    """The count to show; evidence that names one row needs no “1”."""
    one = evidence.get("subject") and evidence["count"] == 1
    return None if one else evidence["count"]


def needed_for(url: str) -> str:
    """The permission that an admin address requires; "" for none.

    Raises Resolver404 if the address does not exist.
    """
    match = resolve(urlsplit(url).path)
    if permission := getattr(match.func, "permission", ""):
        return str(permission)
    if (screen := getattr(match.func, "model_admin", None)) is None:
        return ""
    verb = "add" if str(match.url_name).endswith("_add") else "view"
    return f"{screen.opts.app_label}.{verb}_{screen.opts.model_name}"


def opened(url: str, reader: Any) -> str:
    """The address, or "" if this person may not open it."""
    try:
        needed = needed_for(url) if url else ""
    except Resolver404:
        return ""
    return url if not needed or reader.has_perm(needed) else ""


def who(permission: str, reader: Any) -> str:
    if not permission or reader.has_perm(permission):
        return ""
    roles = staff.roles_with(permission) or ["an administrator"]
    return " or ".join(roles)
