"""What ISO/IEC TS 27560 makes mandatory and an event alone does not say.

From the installation's settings, the programs, the register of recipients and the rules
of keeping. A record lists what it lacks, and conforms only where it lacks nothing.
"""

import datetime as dt
import re
from typing import Any

from django.conf import settings

from consent import keeping, programs, telling
from consent.models import Event, KeepingRule
from privacy.models import Provider

SCHEMA = "ISO/IEC TS 27560:2023"
VERSION = "1"  # of the fields of our records; raise it when one changes its meaning
LANGUAGE = re.compile(r"[?&]lang=([a-z]{2})\b")
# The parts of a record that may not be empty; people may have no recipients at all.
MANDATORY = (
    "schema_version", "notice", "language", "controller_name", "controller_address",
    "controller_contact", "controller_type", "storage_locations", "retention_period",
    "jurisdiction", "withdrawal_method",
)  # fmt: skip


def of(
    organization: str, told: list[Event], notices: list[str], *, now: dt.datetime
) -> dict[str, Any]:
    """By the name of the field; empty where nobody has said it."""
    party = controller(organization)
    return {
        "schema_version": VERSION,
        "notice": notices,
        "language": _language(told),
        **{f"controller_{name}": text for name, text in party.items()},
        "storage_locations": settings.STORED_IN,
        "retention_period": _retention(now),
        "jurisdiction": settings.HOME_COUNTRIES,
        "recipients": _recipients(),
        "withdrawal_method": _withdrawal(told),
    }


def lacking(said: dict[str, Any]) -> list[str]:
    return [name for name in MANDATORY if not said[name]]


def controller(organization: str) -> dict[str, str]:
    """The sender itself."""
    name, address = settings.CONTROLLER_NAME, settings.CONTROLLER_ADDRESS
    if organization:
        name, address = programs.sender(organization), programs.address(organization)
    return {
        "name": name,
        "address": address,
        "contact": settings.DEFAULT_FROM_EMAIL,
        "type": "dpv:DataController",
    }


def _language(told: list[Event]) -> str:
    """The notice's own, or that of the page on which it stood."""
    for evidence in (event.evidence for event in told):
        if named := evidence.get("language"):
            return str(named)
        if match := LANGUAGE.search(str(evidence.get("page", ""))):
            return match[1]
    return ""


def _retention(now: dt.datetime) -> str:
    rule = keeping.period(KeepingRule.What.LEDGER, now=now)
    return f"P{rule.months}M"


def _recipients() -> list[str]:
    """Those whose contract covers a number and what was said about it."""
    rows = Provider.objects.filter(categories__in=telling.CATEGORIES)
    return list(rows.order_by("name").values_list("name", flat=True).distinct())


def _withdrawal(told: list[Event]) -> list[str]:
    numbers = {n for each in told if each.program for n in each.program.numbers}
    by_text = [f"Reply STOP to {number}" for number in sorted(numbers)]
    return [*by_text, f"{settings.PUBLIC_URL}/privacy/preferences"]


def validity(event: Event) -> str:
    """How long the state lasts that the event brought."""
    if event.kind != Event.Kind.OPT_IN:
        return "until the person consents again"
    months = event.program.consent_months if event.program else None
    return f"P{months}M" if months else "until withdrawn"
