"""When somebody must have been told of a breach: a pure function of dated rules.

Hours run in absolute time, through weekends and clock changes (Reg. 1182/71 Art. 3(1)
and (4)). Days are counted where we are a controller (LEGAL_TIME_ZONE), without the
first one, and never roll over a weekend: that is never later than the law.
"""

import datetime as dt
import zoneinfo
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.conf import settings

from privacy import workdays
from privacy.incidents.rules import in_force
from privacy.models import Incident, IncidentRule, IncidentStep

Unit, Starts, Whom = IncidentRule.Unit, IncidentRule.Starts, IncidentRule.Whom
Kind, Risk = IncidentStep.Kind, Incident.Risk


@dataclass(frozen=True)
class Clock:
    """One duty: its deadline, how that was computed, and what was done."""

    rule: IncidentRule
    due: dt.datetime | None  # the last moment; None: without undue delay
    step: IncidentStep | None

    def is_late(self, now: dt.datetime) -> bool:
        done = self.step.at if self.step and self.step.kind == Kind.TOLD else None
        return self.due is not None and (done or now) > self.due and not self.is_spared

    @property
    def is_spared(self) -> bool:
        return self.step is not None and self.step.kind == Kind.SPARED

    @property
    def words(self) -> str:
        if self.due is None:
            return "without undue delay"
        local = self.due.astimezone(_zone())
        if self.rule.unit == Unit.HOURS:
            return f"{local:%A} {local.day} {local:%B %Y, %H:%M} ({local:%Z})"
        return f"{local:%A} {local.day} {local:%B %Y}"

    @property
    def period(self) -> str:
        if self.rule.quantity is None:
            return "without undue delay"
        return f"{self.rule.quantity} {self.rule.get_unit_display()}"


def _zone() -> zoneinfo.ZoneInfo:
    return zoneinfo.ZoneInfo(settings.LEGAL_TIME_ZONE)


def last_moment(rule: IncidentRule, since: dt.datetime) -> dt.datetime | None:
    """The end of a period that began then."""
    if rule.quantity is None:
        return None
    if rule.unit == Unit.HOURS:
        return since.astimezone(dt.UTC) + dt.timedelta(hours=rule.quantity)
    first = since.astimezone(_zone()).date()
    if rule.unit == Unit.BUSINESS_DAYS:
        day = workdays.after(first, rule.quantity, rule.calendar)
    else:
        day = first + dt.timedelta(days=rule.quantity)
    return dt.datetime.combine(day, dt.time(23, 59, 59), _zone())


def clocks(incident: Incident) -> list[Clock]:
    """Every duty that follows from the rules in force on that day, the most urgent
    first; those without a deadline come last."""
    steps = {step.rule_id: step for step in incident.steps.select_related("rule")}
    rules = _rules_for(incident)
    rules += [s.rule for s in steps.values() if s.rule not in rules]
    found = [_clock(rule, incident, rules, steps) for rule in rules]
    never = dt.datetime.max.replace(tzinfo=dt.UTC)
    return sorted(found, key=lambda clock: (clock.due or never, clock.rule.pk))


def _rules_for(incident: Incident) -> list[IncidentRule]:
    reach = dict(incident.reach.values_list("place", "people"))
    on = incident.aware_at.astimezone(_zone()).date()
    may_be_high = incident.risk in (Risk.HIGH, Risk.UNKNOWN)
    return [
        rule
        for rule in in_force(on).filter(place__in=list(reach))
        if reach[rule.place] >= rule.at_least
        and (may_be_high or not rule.only_high_risk)
    ]


def _clock(
    rule: IncidentRule,
    incident: Incident,
    rules: Sequence[IncidentRule],
    steps: Mapping[int, IncidentStep],
) -> Clock:
    since: dt.datetime | None = incident.aware_at
    if rule.starts == Starts.DETERMINED:
        since = incident.determined_at or incident.aware_at
    if rule.starts == Starts.PEOPLE_TOLD:
        since = _people_told(rule, incident, rules, steps)
    due = last_moment(rule, since) if since else None
    return Clock(rule, due, steps.get(rule.pk))


def _people_told(
    rule: IncidentRule,
    incident: Incident,
    rules: Sequence[IncidentRule],
    steps: Mapping[int, IncidentStep],
) -> dt.datetime | None:
    """When they were told, or else by when they must be."""
    for other in rules:
        if (other.place, other.whom) == (rule.place, Whom.PEOPLE):
            step = steps.get(other.pk)
            if step and step.kind == Kind.TOLD:
                return step.at
            return last_moment(other, incident.aware_at)
    return incident.aware_at


def late(*, now: dt.datetime) -> list[tuple[Incident, Clock]]:
    """Duties of open incidents past their deadline, with nothing done."""
    open_ = Incident.objects.filter(closed_at=None)
    return [
        (incident, clock)
        for incident in open_
        for clock in clocks(incident)
        if clock.step is None and clock.is_late(now)
    ]
