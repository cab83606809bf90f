"""A sweep that would remove far more than the rule ever did waits for a person.

Rules are approved once and then run by the scheduler. If a clock was wrong, an import
carried old dates or somebody changed the start column, the next sweep would be huge.
The measure is the rule's own history: rows per day between sweeps that ended normally.
"""

import datetime as dt
from itertools import pairwise

from privacy import plans
from privacy.models import Plan, Rule

SCHEDULE = "schedule"  # who plans when nobody does
DAY = dt.timedelta(days=1)
HISTORY = 10  # sweeps looked at
ALWAYS = 1000  # rows that no rule needs to explain


def too_many(rule: Rule, sweep: Plan) -> str:
    """A sentence for staff when a sweep is out of proportion; otherwise empty."""
    rows = int(sweep.summary["rows"])
    limit = most(rule, sweep)
    if rows <= limit:
        return ""
    return (
        f"{rows:,} rows are past their retention date, and this rule has "
        f"never removed more than {limit:,} in such a time. A person must check it."
    )


def is_in_proportion(rule: Rule, sweep: Plan, rows: int) -> bool:
    """Whether a sweep may end so many without a person who has looked at it."""
    return sweep.planned_by != SCHEDULE or rows <= most(rule, sweep)


def most(rule: Rule, sweep: Plan) -> int:
    done = rule.sweeps.filter(status__in=plans.COMPLETE).order_by("-planned_at")
    history = list(reversed(done[: HISTORY + 1]))
    if not history:
        return ALWAYS
    usual = max(_per_day(*pair) for pair in pairwise(history)) if history[1:] else 0.0
    first = plans.progress(history[0])["rows"] if not history[1:] else 0
    return max(ALWAYS, first, round(rule.surge * usual * _days(history[-1], sweep)))


def _per_day(earlier: Plan, later: Plan) -> float:
    return plans.progress(later)["rows"] / _days(earlier, later)


def _days(earlier: Plan, later: Plan) -> float:
    """Between two cut-offs, at least one: a rule run twice an hour has no rate."""
    if earlier.cutoff is None or later.cutoff is None:
        return 1.0
    return max(1.0, (later.cutoff - earlier.cutoff) / DAY)
