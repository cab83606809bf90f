"""The public notice: the policy and the records that the machine enforces, as one."""

import difflib
from dataclasses import dataclass

from consent.models import Cookie
from privacy.models import Category, PolicyVersion, Promise, Purpose, Rule, Source


@dataclass(frozen=True)
class Notice:
    version: PolicyVersion | None
    changes: list[str]
    categories: list[Category]
    sources: list[Source]
    purposes: list[Purpose]
    periods: list[tuple[str, str]]
    cookies: list[Cookie]
    promises: list[Promise]


def published() -> PolicyVersion | None:
    return PolicyVersion.objects.order_by("-effective_date").first()


def facts() -> Notice:
    return Notice(
        version=published(),
        changes=_changes(),
        categories=list(Category.objects.all()),
        sources=list(Source.objects.all()),
        purposes=list(Purpose.objects.all()),
        periods=[(rule.title, _period(rule)) for rule in _rules()],
        cookies=list(Cookie.objects.all()),
        promises=list(Promise.objects.all()),
    )


def _rules() -> list[Rule]:
    return list(Rule.objects.filter(is_active=True).order_by("title"))


def _period(rule: Rule) -> str:
    pieces = [(rule.months, "months"), (rule.days, "days")]
    return (
        ", ".join(f"{number} {unit}" for number, unit in pieces if number) or "at once"
    )


def _changes() -> list[str]:
    """Lines that came (+) and went (-) with the version in force."""
    two = list(PolicyVersion.objects.order_by("-effective_date")[:2])
    if len(two) < 2:
        return []
    lines = difflib.unified_diff(
        two[1].text.splitlines(), two[0].text.splitlines(), lineterm="", n=0
    )
    return [line for line in lines if line[:3] not in ("---", "+++")]
