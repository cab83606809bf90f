"""How long people affected by a breach stay named: from its closing, for the longest
period in force. After that only their number is kept: place and source stay, who they
are does not. `privacy.keeping` carries it out; the register itself has no end."""

import datetime as dt
from pathlib import Path

from dateutil.relativedelta import relativedelta
from django.db.models import QuerySet

from privacy import identifiers, keeping, periods
from privacy.models import Identifier, IncidentPeriod, IncidentPerson

FILE = Path(__file__).resolve().parents[1] / "rules" / "incident_periods.yaml"


def period(*, now: dt.datetime) -> IncidentPeriod:
    rules = IncidentPeriod.objects.all()
    return periods.longest(rules, day=now.astimezone(dt.UTC).date())


def load() -> int:
    """Loads periods of the file that are not rows yet; returns how many were added."""
    return periods.load(IncidentPeriod, FILE)


def cutoff(*, now: dt.datetime) -> dt.datetime:
    return now - relativedelta(months=period(now=now).months)


def named(before: dt.datetime) -> QuerySet[IncidentPerson]:
    """People who are still named, of breaches closed before that."""
    closed = IncidentPerson.objects.filter(incident__closed_at__lt=before)
    return closed.filter(identifier__isnull=False)


def end(keys: list[int], by: str, now: dt.datetime) -> None:
    """The value of an identifier goes with the last row that needed it."""
    people = Identifier.objects.filter(incidentperson__in=keys).distinct()
    known = list(people.values_list("pk", flat=True))
    IncidentPerson.objects.filter(pk__in=keys).update(identifier=None)
    for row in identifiers.unused(Identifier.objects.filter(pk__in=known)):
        identifiers.forget(identifier=row, by=by, now=now)


KIND = keeping.Kind(
    code="incident_people",
    title="People affected by a breach",
    period=period,
    cutoff=cutoff,
    parts=(
        keeping.Part(
            "People named for a breach",
            "No longer named; how many, under which law and from which place "
            "stays on record",
            named,
            "incidentperson",
            end,
        ),
    ),
)
