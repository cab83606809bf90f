"""The public notice: the policy, and the rules that the portal enforces, in one."""

import difflib
from dataclasses import dataclass

from django.utils import timezone

from consent.models import Cookie
from privacy import policy
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
    return policy.in_force(timezone.now().date())


def facts() -> Notice:
    version = published()
    return Notice(
        version=version,
        changes=_changes(version) if version else [],
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


def _changes(version: PolicyVersion) -> list[str]:
    """Lines that were added (+) and removed (-) by the version in force."""
    before = PolicyVersion.objects.filter(effective_date__lt=version.effective_date)
    last = before.order_by("-effective_date").first()
    if last is None:
        return []
    lines = difflib.unified_diff(
        last.text.splitlines(), version.text.splitlines(), lineterm="", n=0
    )
    return [line for line in lines if line[:3] not in ("---", "+++")]
