"""Where the entries of the suppression list come from: what people said; and what
forbids all contact nevertheless, whoever the sender: our own do-not-call list, numbers
that belong to somebody else now, and restrictions of processing.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from consent import check, reasons
from consent.check import CHANNELS
from consent.models import Channel, Event, Listing, Standing
from consent.scopes import SERVICE
from consent.standings import PLATFORM
from consent.suppressions import entries
from consent.suppressions.entries import Kind
from privacy.models import Hold, Identifier

List = Listing.List
Of = Hold.identifiers.through
REASONS = {List.REQUESTED: "do_not_call", List.REASSIGNED: "reassigned"}
NOBODY = Q(pk__in=[])


@dataclass(frozen=True)
class Source:
    """Entries are called `prefix` and their number; `at` is the column that says since
    when. `rows` are those with a status, or with any (""), at an instant."""

    prefix: str
    at: str
    rows: Callable[[str, dt.datetime], QuerySet[Any]]
    of_sender: Callable[[str], Q]
    of_channel: Callable[[str], Q]
    told_by: Callable[[str], Q]
    shown: Callable[[Any], dict[str, Any]]

    def since(self, row: Any) -> dt.datetime:
        value = row
        for name in self.at.split("__"):
            value = getattr(value, name)
        found: dt.datetime = value
        return found


# --- what people said -------------------------------------------------------------
def _opt_outs(status: str, now: dt.datetime) -> QuerySet[Event]:
    """Active ones are those that a standing rests on. An opt-out from marketing alone
    is left to the check: whoever is on this list gets nothing."""
    events = Event.objects.filter(kind=Kind.OPT_OUT)
    if not status:
        return events
    stands = Standing.objects.filter(
        ~Exists(_asked_for_service()),
        event=OuterRef("pk"),
        state=Standing.State.OPTED_OUT,
    )
    events = events.exclude(scope=Event.Scope.MARKETING)
    if status == "active":
        return events.filter(Exists(stands))
    lifting = Event.objects.filter(
        identifier=OuterRef("identifier"),
        organization=OuterRef("organization"),
        occurred_at__gte=OuterRef("occurred_at"),
    )
    if status == "released":
        own = lifting.filter(kind=Kind.OPT_IN)
        release = lifting.filter(kind=Kind.RELEASE)
        lifted = Exists(own) | Q(route=PLATFORM) & Exists(release)
        return events.filter(~Exists(stands), lifted)
    return events.none()


def _asked_for_service() -> QuerySet[Standing]:
    """After a STOP to the same sender: what it ended then is marketing."""
    return Standing.objects.filter(
        identifier=OuterRef("identifier"),
        organization=OuterRef("organization"),
        channel=OuterRef("channel"),
        part=SERVICE,
        state=Standing.State.OPTED_IN,
        renewed_at__gt=OuterRef("renewed_at"),
    )


# --- what forbids it nevertheless ---------------------------------------------------
def _listings(status: str, now: dt.datetime) -> QuerySet[Listing]:
    rows = Listing.objects.filter(list__in=list(REASONS), ended_by=None)
    in_force = Q(ends_at=None) | Q(ends_at__gt=now)
    rows = rows.filter(in_force, listed_at__lte=now)
    return rows if status in ("", "active") else rows.none()


def _restrictions(status: str, now: dt.datetime) -> QuerySet[Any]:
    rows = Of._default_manager.filter(
        hold__kind=Hold.Kind.RESTRICTION,
        hold__placed_at__lte=now,
        hold__released_at=None,
    ).select_related("hold")
    return rows if status in ("", "active") else rows.none()


def _reached_by(channel: str) -> Q:
    kinds = [
        kind for kind in Identifier.Kind if channel in CHANNELS.get(kind, check.ALL)
    ]
    return Q(identifier__kind__in=kinds)


def _plain(row: Any, number: str, reason: str, at: dt.datetime, by: str) -> Any:
    """In the contract's words."""
    covers = CHANNELS.get(row.identifier.kind, check.ALL)
    said = {"source": reason, "reason": reasons.sentence(reason, covers[0], None)}
    change = {"id": f"event_{number}", "timestamp": at, "actorId": by}
    change |= {"status": "active", "safeMetadata": {}}
    return {
        "id": number,
        "organizationId": None,
        **entries.recipient_fields(row.identifier),
        "channel": "email" if covers == (Channel.EMAIL,) else entries.EVERY,
        "status": "active",
        "suppressedAt": at,
        "releasedAt": None,
        "audit": [change | said],
        **said,
    }


def _listing(row: Listing) -> Any:
    reason = REASONS[List(row.list)]
    return _plain(row, f"list_{row.pk}", reason, row.listed_at, row.recorded_by)


def _restriction(row: Any) -> Any:
    hold = row.hold
    number = f"restriction_{row.pk}"
    return _plain(row, number, "restricted", hold.placed_at, hold.placed_by)


EVENTS = Source(
    prefix="supp",
    at="occurred_at",
    rows=_opt_outs,
    of_sender=lambda organization: Q(organization=organization),
    of_channel=lambda channel: Q(covers__contains=[channel]),
    told_by=lambda route: Q(route=route),
    shown=entries.shown,
)
LISTED = Source(
    prefix="list",
    at="listed_at",
    rows=_listings,
    of_sender=lambda organization: NOBODY,
    of_channel=_reached_by,
    told_by=lambda said: Q(list__in=[k for k, v in REASONS.items() if v == said]),
    shown=_listing,
)
RESTRICTED = Source(
    prefix="restriction",
    at="hold__placed_at",
    rows=_restrictions,
    of_sender=lambda organization: NOBODY,
    of_channel=_reached_by,
    told_by=lambda said: Q() if said == "restricted" else NOBODY,
    shown=_restriction,
)
SOURCES = (RESTRICTED, LISTED, EVENTS)  # in the ascending order of their ids
