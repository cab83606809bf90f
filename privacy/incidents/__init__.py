"""The register of breaches (GDPR Art. 33(5)). Each duty to notify somebody is either
done, with its proof, or decided not to apply, with its ground; `clocks` gives the
deadlines."""

import base64
import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from privacy import audit
from privacy.incidents import keeping, people
from privacy.incidents.clocks import Clock, clocks, last_moment, late
from privacy.incidents.rules import Closed, UnknownPlace, in_force, load, places
from privacy.models import Incident, IncidentReach, IncidentRule, IncidentStep, Table
from privacy.refusals import Refusal

__all__ = [
    "Clock", "Closed", "UnknownPlace", "assess", "clocks", "close", "in_force",
    "keeping", "last_moment", "late", "load", "people", "places", "proof", "record",
    "spare", "told",
]  # fmt: skip

LARGEST = 20 * 2**20
SHORTEST = 5  # characters of a ground
Kind = IncidentStep.Kind


class FromTheFuture(Refusal):
    """That can't have been after now."""


class NoTimeZone(Refusal):
    """A time needs its offset: 2026-12-18T17:00+01:00."""


class NothingHappened(Refusal):
    """Say what happened, without naming anybody."""


class Settled(Refusal):
    """That duty was already settled."""


class NotADuty(Refusal):
    """That law does not require it for this incident."""


class WhyNot(Refusal):
    """Say why; the ground is recorded (GDPR Art. 33(5))."""


class WhyLate(Refusal):
    """They were told after the deadline: say why (GDPR Art. 33(1))."""


class TooLarge(Refusal):
    """The proof is larger than 20 MB."""


class StillOpen(Refusal):
    """Some have not been told yet: note that they were, or decide that they need not
    be."""


class NotWhole(Refusal):
    """Say how it affected people and what was done about it (GDPR Art. 33(5))."""


def record(
    *,
    title: str,
    facts: str,
    aware_at: dt.datetime,
    reach: Mapping[str, int],
    by: str,
    now: dt.datetime,
    occurred_at: dt.datetime | None = None,
    determined_at: dt.datetime | None = None,
    tables: Sequence[Table] = (),
) -> Incident:
    """`reach` is how many people are affected under which law, as far as is known;
    `title` and `facts` name nobody."""
    _refuse_impossible(now, aware_at, occurred_at, determined_at)
    if not title.strip() or not facts.strip():
        raise NothingHappened
    with transaction.atomic():
        incident = Incident.objects.create(
            title=title.strip(),
            facts=facts.strip(),
            aware_at=aware_at,
            occurred_at=occurred_at,
            determined_at=determined_at,
            recorded_by=by,
            recorded_at=now,
        )
        incident.tables.set(tables)
        _reach(incident, reach)
        _record("incident.recorded", incident, by, now, reach=dict(reach))
    return incident


def assess(
    *,
    incident: Incident,
    reach: Mapping[str, int],
    risk: str,
    by: str,
    now: dt.datetime,
    effects: str = "",
    remedy: str = "",
    determined_at: dt.datetime | None = None,
) -> None:
    """What is known by now: information may be given in phases (GDPR Art. 33(4))."""
    _refuse_impossible(now, incident.aware_at, None, determined_at)
    with transaction.atomic():
        fresh = _open(incident)
        fresh.risk, fresh.effects, fresh.remedy = risk, effects.strip(), remedy.strip()
        fresh.determined_at = determined_at
        fresh.save()
        _reach(fresh, reach)
        facts = {"reach": dict(reach), "risk": risk}
        _record("incident.assessed", fresh, by, now, **facts)


def told(
    *,
    incident: Incident,
    rule: IncidentRule,
    at: dt.datetime,
    by: str,
    now: dt.datetime,
    people: int | None = None,
    ground: str = "",
    paper: bytes = b"",
) -> IncidentStep:
    """They were told at that time; `ground` says why it was late, if it was."""
    _refuse_impossible(now, at, None, None)
    if len(paper) > LARGEST:
        raise TooLarge
    with transaction.atomic():
        clock = _duty(incident, rule)
        if clock.due and at > clock.due and len(ground.strip()) < SHORTEST:
            raise WhyLate
        facts = {"at": at, "people": people, "ground": ground.strip()}
        if paper:
            facts["document"] = base64.b64encode(paper).decode()
            facts["digest"] = hashlib.sha256(paper).hexdigest()
        return _settle(incident, rule, Kind.TOLD, facts, by, now)


def spare(
    *, incident: Incident, rule: IncidentRule, ground: str, by: str, now: dt.datetime
) -> IncidentStep:
    """It was decided that they need not be told, and why."""
    if len(ground.strip()) < SHORTEST:
        raise WhyNot
    with transaction.atomic():
        _duty(incident, rule)
        facts = {"at": now, "ground": ground.strip()}
        return _settle(incident, rule, Kind.SPARED, facts, by, now)


def close(*, incident: Incident, by: str, now: dt.datetime) -> None:
    with transaction.atomic():
        fresh = _open(incident)
        if any(clock.step is None for clock in clocks(fresh)):
            raise StillOpen
        if not (fresh.effects and fresh.remedy):
            raise NotWhole
        fresh.closed_at, fresh.closed_by = now, by
        fresh.save(update_fields=["closed_at", "closed_by"])
        _record("incident.closed", fresh, by, now)


def proof(*, step: IncidentStep, by: str, now: dt.datetime) -> bytes:
    """The sealed document of a step; opening it is recorded."""
    _record("incident.proof_opened", step.incident, by, now, step=step.pk)
    return base64.b64decode(step.document.open()) if step.document else b""


def _open(incident: Incident) -> Incident:
    fresh = Incident.objects.select_for_update().get(pk=incident.pk)
    if fresh.closed_at:
        raise Closed
    return fresh


def _duty(incident: Incident, rule: IncidentRule) -> Clock:
    found = {clock.rule.pk: clock for clock in clocks(_open(incident))}
    if rule.pk not in found:
        raise NotADuty
    if found[rule.pk].step:
        raise Settled
    return found[rule.pk]


def _settle(
    incident: Incident,
    rule: IncidentRule,
    kind: str,
    facts: dict[str, Any],
    by: str,
    now: dt.datetime,
) -> IncidentStep:
    step = IncidentStep.objects.create(
        incident=incident, rule=rule, kind=kind, by=by, recorded_at=now, **facts
    )
    said = {"rule": rule.code, "at": step.at.isoformat(), "digest": step.digest}
    _record(f"incident.{kind}", incident, by, now, **said)
    return step


def _reach(incident: Incident, reach: Mapping[str, int]) -> None:
    known = set(IncidentRule.objects.values_list("place", flat=True))
    if set(reach) - known:
        raise UnknownPlace
    incident.reach.all().delete()
    IncidentReach.objects.bulk_create(
        IncidentReach(incident=incident, place=place, people=people)
        for place, people in reach.items()
        if people
    )


def _refuse_impossible(now: dt.datetime, *instants: dt.datetime | None) -> None:
    for at in filter(None, instants):
        if at.tzinfo is None:
            raise NoTimeZone
        if at > now:
            raise FromTheFuture


def _record(
    action: str, incident: Incident, by: str, now: dt.datetime, **facts: Any
) -> None:
    subject = f"incident:{incident.pk}"
    audit.record(action=action, subject=subject, by=by, now=now, **facts)
