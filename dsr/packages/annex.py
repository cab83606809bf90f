"""What accompanies a copy (GDPR Art. 15(1), (2); CCPA 1798.110(c)), from our records.

Purposes with their legal basis, categories, sources, recipients, safeguards abroad,
periods: for the tables and columns in the copy, not for everything we do.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from privacy import disclosure, once
from privacy.models import (
    Category,
    Column,
    InternationalTransfer,
    Provider,
    Purpose,
    Rule,
    Source,
    Table,
)
from privacy.providers import transfers


@dataclass(frozen=True)
class Secret:
    """A kind of value that we hold and never send (11 CCR 7024(d))."""

    table: str
    what: str


@dataclass(frozen=True)
class Annex:
    purposes: list[Purpose]
    categories: list[Category]
    sources: list[Source]
    recipients: list[Provider]
    transfers: list[InternationalTransfer]
    periods: list[Rule]
    secrets: list[Secret]

    @property
    def decisions(self) -> list[Purpose]:
        """For which a machine alone decides about people (Art. 15(1)(h))."""
        return [each for each in self.purposes if each.decides_alone]

    @property
    def has_no_decisions(self) -> bool:
        """Only if that was declared of every purpose; silence is no declaration."""
        return all(each.decides_alone is False for each in self.purposes)

    def described(self) -> dict[str, Any]:
        """As plain data."""
        return {
            "purposes": [
                {"title": p.title, "lawful_basis": p.lawful_basis}
                for p in self.purposes
            ],
            "categories": [
                {"title": c.title, "description": c.description}
                for c in self.categories
            ],
            "sources": [
                {"title": s.title, "description": s.description} for s in self.sources
            ],
            "recipients": [provider.name for provider in self.recipients],
            "transfers": [
                {
                    "recipient": each.provider.name,
                    "country": each.country,
                    "safeguard": each.safeguard,
                }
                for each in self.transfers
            ],
            "automated_decisions": self._decisions(),
            "periods": [
                {
                    "table": str(rule.table),
                    "title": rule.title,
                    "months": rule.months,
                    "days": rule.days,
                    "citation": rule.citation,
                }
                for rule in self.periods
            ],
            "held_and_never_sent": [
                {"table": secret.table, "what": secret.what} for secret in self.secrets
            ],
        }

    def _decisions(self) -> list[dict[str, str]] | None:
        """Empty if it was declared that there are none; none if nothing was."""
        if not self.decisions and not self.has_no_decisions:
            return None
        return [{"purpose": p.title, "logic": p.logic} for p in self.decisions]


def of(copy: disclosure.Copy) -> Annex:
    tables = copy.tables
    columns = [column for table in tables for column in copy.columns(table)]
    categories = frozenset(c.category_id for c in columns if c.category_id)
    purposes = frozenset(code for column in columns for code in column.purposes)
    recipients = once.read(_recipients, categories)
    return Annex(
        purposes=once.read(_purposes, purposes),
        categories=once.read(_categories, categories),
        sources=once.read(_sources, frozenset(c.source_id for c in columns)),
        recipients=list(recipients),
        transfers=once.read(_transfers, recipients),
        periods=once.read(_periods, frozenset(table.pk for table in tables)),
        secrets=_secrets(tables, columns),
    )


def _purposes(codes: frozenset[str]) -> list[Purpose]:
    return list(Purpose.objects.filter(code__in=codes))


def _categories(codes: frozenset[str]) -> list[Category]:
    return list(Category.objects.filter(code__in=codes))


def _sources(codes: frozenset[str | None]) -> list[Source]:
    return list(Source.objects.filter(code__in=codes))


def _recipients(categories: frozenset[str]) -> tuple[Provider, ...]:
    """By name (CJEU C-154/21): everyone who gets one of these kinds of data, or all."""
    given = Q(categories__in=categories)
    every = Q(categories=None)
    live = Provider.objects.filter(given | every, is_active=True)
    return tuple(live.distinct().order_by("name"))


def _transfers(recipients: tuple[Provider, ...]) -> list[InternationalTransfer]:
    return list(transfers.abroad(recipients))


def _periods(tables: frozenset[int]) -> list[Rule]:
    rules = Rule.objects.filter(table__in=tables, is_active=True)
    return list(rules.select_related("table__store"))


def _secrets(tables: Sequence[Table], columns: Sequence[Column]) -> list[Secret]:
    titles = {table.pk: table.title or table.name for table in tables}
    return [
        Secret(titles[column.table_id], column.full_name.replace("_", " "))
        for column in columns
        if column.identifier in disclosure.NEVER_SENT
    ]
