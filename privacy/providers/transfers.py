"""Transfers to other countries rest on a safeguard (GDPR Ch. V)."""

import datetime as dt
from collections.abc import Iterable
from functools import cache
from importlib.resources import files

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet

from privacy import audit
from privacy.models import InternationalTransfer, Provider
from privacy.providers import register
from privacy.refusals import Refusal


class NoSuchRecipient(Refusal):
    """No recipient of data has that name."""


class NoCountry(Refusal):
    """Write the country as two letters, such as DE (ISO 3166-1)."""


@cache
def countries() -> frozenset[str]:
    """The codes of ISO 3166-1, as the time zone database lists them."""
    lines = (files("tzdata") / "zoneinfo" / "iso3166.tab").read_text().splitlines()
    return frozenset(line[:2] for line in lines if not line.startswith("#"))


class NoPaper(Refusal):
    """Say where the document of the safeguard is filed."""


def abroad(recipients: Iterable[Provider]) -> QuerySet[InternationalTransfer]:
    """Transfers outside our own countries, by the recipients' names."""
    rows = InternationalTransfer.objects.filter(provider__in=recipients)
    outside = rows.exclude(country__in=settings.HOME_COUNTRIES)
    return outside.select_related("provider").order_by("provider__name", "country")


def unsafe(day: dt.date) -> QuerySet[InternationalTransfer]:
    """Transfers to recipients that may get data, without a safeguard in force."""
    active = Provider.objects.filter(is_active=True)
    return abroad(active).filter(Q(safeguard="") | Q(ends__lt=day))


def unplaced() -> QuerySet[Provider]:
    """Recipients that may get data and whose country is unknown."""
    active = Provider.objects.filter(is_active=True, transfers=None)
    return active.exclude(categories=None)


def put(
    *,
    recipient: str,
    country: str,
    safeguard: str,
    document: str,
    ends: dt.date | None,
    by: str,
    now: dt.datetime,
) -> InternationalTransfer:
    """Sets what holds for that country from now on, replacing what was there."""
    provider = Provider.objects.filter(name=recipient).first()
    if provider is None:
        raise NoSuchRecipient
    code = country.strip().upper()
    if code not in countries():
        raise NoCountry
    if safeguard and not document:
        raise NoPaper
    with transaction.atomic():
        row, _ = InternationalTransfer.objects.update_or_create(
            provider=provider,
            country=code,
            defaults={"safeguard": safeguard, "document": document, "ends": ends},
        )
        register.changed(provider=provider, by=by)
        audit.record(
            action="transfer.put",
            subject=f"provider:{provider.pk}",
            by=by,
            now=now,
            country=code,
            safeguard=safeguard,
            document=document,
        )
    return row
