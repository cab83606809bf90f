"""Transfers rest on standard contractual clauses or an equivalent safeguard."""

import datetime as dt

from django.urls import reverse

from privacy import promises
from privacy.models import InternationalTransfer, Provider
from privacy.promises import Evidence, Outcome, Remedy
from privacy.providers import transfers

SAFEGUARD = Remedy(
    "Agree on a safeguard and say where its document is filed; until then the "
    "recipient is given nothing.",
    needs="privacy.change_provider",
)
PLACE = Remedy(
    "Open the recipient and name the countries in which it processes the data.",
    needs="privacy.change_provider",
)


@promises.register("transfers-safeguarded")
def transfers_are_safeguarded(now: dt.datetime) -> Outcome:
    """No recipient outside our own countries lacks a valid safeguard, and of each the
    country is known."""
    found = [
        Evidence(_why(each), 1, _url(each.provider), remedy=SAFEGUARD)
        for each in transfers.unsafe(now.date())
    ]
    found += [
        Evidence(
            f"No country is on record in which {each} processes the data",
            1,
            _url(each),
            remedy=PLACE,
        )
        for each in transfers.unplaced()
    ]
    if found:
        return promises.broken("A transfer has no safeguard.", *found)
    count = InternationalTransfer.objects.filter(provider__is_active=True).count()
    return promises.kept(
        "Every transfer abroad has its safeguard.",
        Evidence("Countries of recipients on record", count, _register()),
    )


def _why(row: InternationalTransfer) -> str:
    if not row.safeguard:
        return f"{row} has no safeguard"
    return f"{row}: the safeguard ended on {row.ends:%-d %B %Y}"


def _url(provider: Provider) -> str:
    return reverse("admin:privacy_provider_change", args=[provider.pk])


def _register() -> str:
    return reverse("admin:privacy_provider_changelist")
