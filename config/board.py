"""What the first page shows: every promise as it is kept, and the work of the day."""

import datetime as dt
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby
from typing import Any, NamedTuple

from django.urls import reverse

from privacy import promises
from privacy.models import Plan, Promise, PromiseCheck

State = PromiseCheck.State


# --- the board --------------------------------------------------------------
@dataclass
class Line:
    promise: Promise
    check: PromiseCheck | None

    @property
    def state(self) -> str:
        """What nobody looked at is not yet kept."""
        return self.check.state if self.check else State.UNKEPT

    @property
    def words(self) -> str:
        return str(State(self.state).label) if self.check else "Never checked"


class Section(NamedTuple):
    title: str
    lines: list[Line]


@dataclass
class Board:
    sections: list[Section]

    @property
    def counts(self) -> list[tuple[str, str, int]]:
        """State, its words and how many, the urgent ones first."""
        found = Counter(line.state for part in self.sections for line in part.lines)
        order = (State.BROKEN, State.UNKNOWN, State.UNKEPT, State.KEPT)
        return [(state.value, str(state.label), found[state]) for state in order]


def read() -> Board:
    """In the order of the policy; two queries."""
    found = promises.latest()
    lines = [Line(each, found.get(each.code)) for each in Promise.objects.all()]
    grouped = groupby(lines, key=lambda line: line.promise.section)
    return Board([Section(title, list(group)) for title, group in grouped])


# --- today's work -----------------------------------------------------------
class Work(NamedTuple):
    """A number of things that wait, and where they are done."""

    label: str
    permission: str
    url: Callable[[], str]
    number: Callable[[dt.datetime], int]


def waiting(now: dt.datetime) -> int:
    return Plan.objects.filter(status=Plan.Status.PLANNED).count()


def under_way(now: dt.datetime) -> int:
    live = (Plan.Status.APPROVED, Plan.Status.RUNNING, Plan.Status.PAUSED)
    return Plan.objects.filter(status__in=live).count()


def not_complete(now: dt.datetime) -> int:
    stuck = (Plan.Status.INCOMPLETE, Plan.Status.REFUSED)
    recent = now - dt.timedelta(days=30)
    return Plan.objects.filter(status__in=stuck, finished_at__gte=recent).count()


def plans_where(query: str) -> Callable[[], str]:
    return lambda: f"{reverse('admin:privacy_plan_changelist')}?{query}"


TODAY: tuple[Work, ...] = (
    Work(
        "Plans that wait for approval",
        "privacy.approve_plan",
        plans_where("status__exact=planned"),
        waiting,
    ),
    Work(
        "Plans under way",
        "privacy.view_plan",
        plans_where("status__in=approved,running,paused"),
        under_way,
    ),
    Work(
        "Plans of the last 30 days that are not complete",
        "privacy.view_plan",
        plans_where("status__in=incomplete,refused"),
        not_complete,
    ),
)


def today(user: Any, now: dt.datetime) -> list[tuple[str, str, int]]:
    """Label, address and number of what this person may see."""
    return [
        (work.label, work.url(), work.number(now))
        for work in TODAY
        if user.has_perm(work.permission)
    ]
