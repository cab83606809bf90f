"""Who is on a do-not-call list, and whose number was given to another person."""

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

from dateutil.relativedelta import relativedelta
from django.db import transaction
from django.db.models import Max, QuerySet

from consent import reasons, telling
from consent.check import places
from consent.instants import happened
from consent.models import (
    DoNotCallRule,
    Import,
    Listing,
    ListingBefore,
    RegistryRule,
)
from consent.sql import listings as statements
from privacy import audit, identifiers, periods
from privacy.identifiers import Mark
from privacy.refusals import Refusal

PLACE = Path(__file__).resolve().parent / "rules"
RULES, AGES = PLACE / "do_not_call.yaml", PLACE / "registry.yaml"
REGISTRIES = (Listing.List.DO_NOT_CALL, Listing.List.STATE)
# A copy that lacks more than this, and more than a few, may be cut short.
LACKS, FEW = 0.1, 100
FEDERAL = "US"
Entry = Listing | ListingBefore
PUT = "listing.put"


class UnknownList(Refusal):
    """The list is one of do_not_call, state, requested and reassigned."""


def put(
    *,
    mark: Mark,
    name: str,
    listed_at: dt.datetime,
    source: str,
    by: str,
    now: dt.datetime,
    ends_at: dt.datetime | None = None,
) -> Listing:
    """On the list from then on, whatever was known before."""
    if name not in Listing.List.values:
        raise UnknownList
    with transaction.atomic():
        row, _ = Listing.objects.update_or_create(
            identifier=identifiers.keep(mark, now=now),
            list=name,
            ended_by=None,
            defaults={
                "listed_at": listed_at,
                "ends_at": ends_at,
                "source": source,
                "recorded_at": now,
                "recorded_by": by,
            },
        )
        if name not in REGISTRIES:
            telling.listed(row, now=now)
        _record(row, source, by, now)
    return row


def _record(row: Listing, source: str, by: str, now: dt.datetime) -> None:
    audit.record(
        action=PUT,
        subject=f"identifier:{row.identifier_id}",
        by=by,
        now=now,
        list=row.list,
        source=source,
    )


def of(mark: Mark) -> QuerySet[Listing]:
    """Every list that this number or address is or was on, latest first."""
    rows = Listing.objects.filter(
        identifier__kind=mark.kind, identifier__digest__in=identifiers.digests(mark)
    )
    return rows.order_by("-listed_at", "-pk")


def said_of(
    mark: Mark, *, at: dt.datetime | None = None, known_at: dt.datetime | None = None
) -> list[Entry]:
    """The same as of then and by what we knew then, with what each list said before the
    number was put on it again."""
    before = ListingBefore.objects.filter(
        identifier__kind=mark.kind, identifier__digest__in=identifiers.digests(mark)
    )
    began = {"listed_at__lte": at} if at else {}
    known = {"recorded_at__lte": known_at} if known_at else {}
    found = [
        row for rows in (of(mark), before) for row in rows.filter(**began, **known)
    ]
    return sorted(found, key=lambda row: row.listed_at, reverse=True)


def sentence(row: Entry) -> str:
    until = f" until {reasons.moment(row.ends_at)}" if row.ends_at else ""
    return (
        f"{row}: from {reasons.moment(row.listed_at)}{until}. "
        f"We knew on {reasons.moment(row.recorded_at)}: {row.source}."
    )


# --- requests to be left alone ------------------------------------------------------
def request(
    *, mark: Mark, source: str, asked_at: dt.datetime, by: str, now: dt.datetime
) -> Listing:
    """Somebody asked to be left alone: kept for the longest period that applies. An
    older request that is found later shortens no newer one."""
    asked_at = happened(asked_at, now=now)
    ends_at, name = kept_until(mark, asked_at), Listing.List.REQUESTED
    newer = of(mark).filter(list=name, ended_by=None, listed_at__gte=asked_at)
    if row := newer.filter(ends_at__gt=ends_at).first():
        _record(row, source, by, now)
        return row
    return put(
        mark=mark,
        name=name,
        listed_at=asked_at,
        ends_at=ends_at,
        source=source,
        by=by,
        now=now,
    )


def kept_until(
    mark: Mark, asked_at: dt.datetime, known: Sequence[DoNotCallRule] | None = None
) -> dt.datetime:
    """One day more than the law says: 29 February has no anniversary. Who asks for many
    reads the `rules` once. Raises `NoPeriod`."""
    of_place = _rules_of(mark, rules() if known is None else known)
    in_force = [rule for rule in of_place if rule.is_in_force(asked_at.date())]
    # who asked before the first rule we know asked too
    ends = [asked_at + _period(rule) for rule in in_force or of_place]
    if not ends:
        raise periods.NoPeriod
    return max(ends) + dt.timedelta(days=1)


def _rules_of(mark: Mark, known: Sequence[DoNotCallRule]) -> list[DoNotCallRule]:
    """Those of the number's place; without one, the federal rule."""
    names = [FEDERAL]
    if mark.kind == "phone":
        names = places.jurisdictions(places.of_number(mark.value)) or names
    return [rule for rule in known if rule.jurisdiction in names]


def _period(rule: DoNotCallRule) -> relativedelta:
    return relativedelta(years=rule.years, days=rule.days)


def rules() -> Sequence[DoNotCallRule]:
    return list(DoNotCallRule.objects.all())


def load() -> int:
    """Adds the rules of the files that are not rows yet; returns how many."""
    return periods.load(DoNotCallRule, RULES) + periods.load(RegistryRule, AGES)


# --- registries -----------------------------------------------------------------------
def end_the_rest(copy: Import, *, by: str, now: dt.datetime) -> int:
    """How many numbers were on the previous copy of a whole list and are not on this
    one.

    A copy that is much shorter than the previous one removes nothing, for it may have
    been cut off; a second one as short is believed.
    """
    options = copy.options
    ended = 0
    if not _is_cut_short(copy):
        values = {"listing": options["listing"], "whole": options["whole"]}
        ended = statements.end(values | {"import": copy.pk, "now": now})
    tell_of_copy(copy, now=now, ended=ended)
    audit.record(
        action="listing.compared",
        subject=f"import:{copy.pk}",
        by=by,
        now=now,
        list=options["listing"],
        whole=options["whole"],
        ended=ended,
    )
    return ended


def tell_of_copy(copy: Import, *, now: dt.datetime, ended: int = 0) -> None:
    """What a registry's file changed, as counts: its numbers are told to nobody."""
    if copy.options["listing"] in REGISTRIES and (copy.recorded or ended):
        telling.tell(
            telling.Type.COPIED,
            now=now,
            list=copy.options["listing"],
            name=copy.options["whole"],
            listed=copy.recorded,
            ended=ended,
        )


def _is_cut_short(copy: Import) -> bool:
    before = Import.objects.filter(
        finished_at__isnull=False,
        options__listing=copy.options["listing"],
        options__whole=copy.options["whole"],
    ).exclude(digest=copy.digest)
    last = before.order_by("-pk").first()
    lacks = _numbers(last) - _numbers(copy) if last else 0
    return last is not None and lacks > max(FEW, LACKS * _numbers(last))


def _numbers(copy: Import) -> int:
    return copy.recorded + copy.known


def too_old(*, now: dt.datetime) -> list[tuple[str, dt.datetime, str]]:
    """Registries in use whose last copy is older than the law allows: which, when it
    was imported, and by which rule (47 CFR 64.1200(c)(2)(i)(D): 31 days)."""
    return [
        (rule.get_list_display(), taken, rule.citation)
        for rule in RegistryRule.objects.all()
        if rule.is_in_force(now.date())
        and (taken := _last_taken(rule.list, now))
        and now - taken > dt.timedelta(days=rule.days)
    ]


def _last_taken(name: str, now: dt.datetime) -> dt.datetime | None:
    taken = Import.objects.filter(options__listing=name, finished_at__lte=now)
    return taken.aggregate(at=Max("finished_at"))["at"]


# --- numbers that are somebody else's -------------------------------------------------
def reassign(
    *, mark: Mark, since: dt.datetime, source: str, by: str, now: dt.datetime
) -> None:
    """The former person lost it by then. An older answer takes back no newer one."""
    name = Listing.List.REASSIGNED
    known = Listing.objects.filter(
        identifier=identifiers.keep(mark, now=now),
        list=name,
        ended_by=None,
        listed_at__gte=since,
    )
    if not known.exists():
        put(mark=mark, name=name, listed_at=since, source=source, by=by, now=now)
