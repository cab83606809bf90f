"""Data is kept no longer than needed, and what was erased stays erased."""

import datetime as dt
from collections.abc import Callable

from django.urls import reverse

from privacy import erasure, keeping, plans, promises, retention
from privacy.incidents.keeping import KIND as NAMED
from privacy.models import Plan, Rule, Store, Table
from privacy.promises import Evidence, Outcome, Remedy

# What the portal keeps of people itself: each gives its evidence at a time.
ALSO: list[Callable[[dt.datetime], Evidence]] = []
GRACE = dt.timedelta(days=1)  # a sweep starts within the hour; a store may be down
LATELY = dt.timedelta(days=30)
SWEEP = Remedy(
    "Press “Preview all waiting rules” on the list of rules; once a second person "
    "approves what it shows, sweeps run by themselves from then on.",
    needs="privacy.add_plan",
)
CHILDREN = Remedy(
    "Give the rows that refer to them a rule that ends no later, or say in this rule "
    "which rows it means (“without invoice”), or let it de-identify instead.",
    needs="privacy.change_rule",
)
WRITE = Remedy(
    "Add a retention rule for the table, or say in the data map why its rows are kept.",
    needs="privacy.add_rule",
)
RETRY = Remedy(
    "Open the plan, read what stopped it, and press “Try again”.",
    needs="privacy.approve_plan",
)
REPLAY = Remedy(
    "Open the store and press “After a restore”.", needs="privacy.approve_plan"
)
LET_END = Remedy(
    "Press “Preview who would no longer be named” on the list of periods; once a "
    "second person approves what it shows, this happens by itself from then on.",
    needs="privacy.preview_incidentperiod",
)


def named_for_a_breach(now: dt.datetime) -> Evidence:
    return Evidence(
        "People still named for a closed breach, past the period",
        keeping.due(NAMED, now=now),
        reverse("admin:privacy_incidentperiod_changelist"),
        remedy=LET_END,
    )


ALSO.append(named_for_a_breach)
keeping.register(NAMED)


@promises.register("retained-no-longer")
def retained_no_longer(now: dt.datetime) -> Outcome:
    """Rows past their period that no hold covers, and tables of personal data without a
    rule."""
    found = [each for rule in _active() for each in _overdue(rule, now) if each.count]
    found += [
        Evidence(
            f"No rule says when rows of {table} are removed", 1, _rules(), remedy=WRITE
        )
        for table in _without_rule()
    ]
    found += [each for look in ALSO if (each := look(now - GRACE)).count]
    if found:
        rows = sum(each.count or 0 for each in found)
        return promises.broken(f"{rows:,} rows are past their retention date.", *found)
    return promises.kept(f"Nothing is past its date under {len(_active())} rules.")


def _active() -> list[Rule]:
    rules = Rule.objects.filter(is_active=True)
    return list(rules.select_related("table__store"))


def _overdue(rule: Rule, now: dt.datetime) -> list[Evidence]:
    due = retention.past_due(rule, now - GRACE)
    since = f", the oldest from {due['oldest'][:10]}" if due["oldest"] else ""
    url = reverse("admin:privacy_rule_change", args=[rule.pk])
    kept = due.get("referred", 0)
    said = retention.referred(rule, kept) if kept else ""
    return [
        Evidence(
            f"{rule.title}: past their date{since}", due["rows"], url, remedy=SWEEP
        ),
        Evidence(f"{rule.title}: {said}", kept, url, remedy=CHILDREN),
    ]


def _without_rule() -> list[Table]:
    tables = Table.objects.filter(columns__category__isnull=False)
    tables = tables.filter(store__retired_at=None)
    tables = tables.exclude(pk__in=Rule.objects.filter(is_active=True).values("table"))
    kept = tables.exclude(erasure=Table.Ending.KEEP).distinct()
    return list(kept.select_related("store"))


def _rules() -> str:
    return reverse("admin:privacy_rule_add")


@promises.register("gone-means-gone")
def gone_means_gone(now: dt.datetime) -> Outcome:
    """Erasures that stopped short, raw values in de-identified columns, and rows that a
    restore brought back."""
    recent = Plan.objects.filter(finished_at__gte=now - LATELY)
    found = [
        Evidence(f"{plan.title}: {plan.problem}", 1, _plan(plan), remedy=RETRY)
        for plan in recent.filter(status=plans.Status.INCOMPLETE)
        if not _done_since(plan)
    ]
    found += [each for rule in _active() if (each := _came_back(rule)) is not None]
    found += [
        Evidence(
            f"{name} was restored: what was erased is back",
            count,
            _store(name),
            remedy=REPLAY,
        )
        for name, count in erasure.notice(now=now).items()
    ]
    if found:
        return promises.broken("Something that should be gone is still there.", *found)
    done = Plan.objects.filter(status__in=plans.COMPLETE).exclude(kind="access").count()
    return promises.kept(
        f"{done} erasures and sweeps were carried out and checked afterwards."
    )


def _done_since(plan: Plan) -> bool:
    """Whether a later plan completed the same for that person, rule or kind of data."""
    later = Plan.objects.filter(
        kind=plan.kind, status__in=plans.COMPLETE, planned_at__gt=plan.planned_at
    )
    if plan.rule_id:
        return later.filter(rule=plan.rule_id).exists()
    if plan.kind == Plan.Kind.RECORDS:
        return later.filter(summary__records=plan.summary["records"]).exists()
    return later.filter(identifiers__in=plan.identifiers.all()).exists()


def _came_back(rule: Rule) -> Evidence | None:
    """Raw rows from before the cut-off of a finished sweep."""
    last = rule.sweeps.filter(status__in=plans.COMPLETE).order_by("-cutoff").first()
    if last is None or last.cutoff is None:
        return None
    kept_back = last.residue or {}  # those have become free since, or will
    left = retention.left_before(rule, last.cutoff) - (
        kept_back.get("rows", 0) + kept_back.get("referred", 0)
    )
    if left <= 0:
        return None
    sentence = f"{rule.title}: swept rows are back"
    url = reverse("admin:privacy_rule_change", args=[rule.pk])
    return Evidence(sentence, left, url, remedy=SWEEP)


def _store(name: str) -> str:
    key = Store.objects.get(name=name).pk
    return reverse("admin:privacy_store_change", args=[key])


def _plan(plan: Plan) -> str:
    return reverse("admin:privacy_plan_change", args=[plan.pk])
