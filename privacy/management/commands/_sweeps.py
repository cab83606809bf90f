"""A sweep as a person reads it in a terminal, and as plain data."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from privacy import plans, retention
from privacy.anonymity import groups
from privacy.management import listing
from privacy.models import Plan, Rule
from privacy.strategies import STRATEGIES

ACTIONS = {"delete": "deleted", "deidentify": "de-identified"}
HEAD = (
    "rule", "rows", "what happens", "table", "before", "held", "no date", "state",
)  # fmt: skip
FIELDS = ("field", "what happens", "may be called")
NEXT = {
    Plan.Status.PLANNED: "Next, another person: retention approve {rule} --by NAME",
    Plan.Status.APPROVED: "Next: retention run {rule} --wait",
    Plan.Status.PAUSED: "Next: retention resume {rule}",
    Plan.Status.INCOMPLETE: "Next, once the cause is mended: retention retry {rule}",
}


def words(some: Sequence[Plan]) -> str:
    """One sweep in full; of several a table, and what is to be known beside it."""
    return _one(some[0]) if len(some) == 1 else _several(some)


def _several(some: Sequence[Plan]) -> str:
    said = Counter(text for plan in some for text in _exceptions(plan))
    common = [text for text, times in said.items() if times == len(some)]
    lines = listing.lines(HEAD, map(_line, some))
    for plan in some:
        name = plan.summary["rule"]["rule"]
        own = [text for text in _exceptions(plan) if text not in common]
        lines += [f"{name}: {text}" for text in (*_troubles(plan), *own)]
    lines += [f"Of all of them: {text}" for text in common]
    if any(plan.status == Plan.Status.PLANNED for plan in some):
        lines.append("Next, another person: retention approve RULE --by NAME")
    return "\n".join(lines)


def _line(plan: Plan) -> tuple[Any, ...]:
    said, rule = plan.summary, plan.summary["rule"]
    return (
        rule["rule"],
        said["rows"],
        ACTIONS[rule["action"]],
        rule["table"],
        said["cutoff"][:10],
        said["held"],
        said.get("undated", 0),
        _state(plan),
    )


def _one(plan: Plan) -> str:
    said, rule = plan.summary, plan.summary["rule"]
    since = f", by {rule['start']}" if rule["start"] else ""
    oldest = f"; the oldest is of {said['oldest'][:10]}" if said["oldest"] else ""
    lines = [
        f"{plan.title} (rule {rule['rule']}, sweep {plan.pk}): {_state(plan)}",
        f"{said['rows']:,} rows of {rule['table']} from before {said['cutoff'][:10]}"
        f"{since}, are {ACTIONS[rule['action']]}{oldest}.",
        *listing.lines(FIELDS, map(_field, said["fields"])),
        _held(said["held"]),
        *_referred(plan),
        *_undated(plan),
        *_exceptions(plan),
        *_alike(plan),
        *_troubles(plan),
        NEXT.get(Plan.Status(plan.status), "").format(rule=rule["rule"]),
    ]
    return "\n".join(filter(None, lines))


def _state(plan: Plan) -> str:
    """With how far it is, once it has begun."""
    done = plans.progress(plan)["rows"] if plan.started_at else None
    ended = "" if done is None else f", {done:,} rows done"
    return f"{plan.state.lower()}{ended}"


def _field(field: dict[str, str]) -> tuple[str, str, str]:
    strategy = STRATEGIES.get(field["what"])
    return (
        field["name"],
        strategy.label.lower() if strategy else field["what"],
        field["effect"],
    )


def _held(rows: int) -> str:
    if not rows:
        return "No row is kept by a hold."
    return (
        f"{rows:,} more rows are past their date and stay, because of a legal hold or "
        "a person's restriction, until it is released: holds list"
    )


def _referred(plan: Plan) -> list[str]:
    rows = plan.summary.get("referred", 0)
    return [retention.referred(plan.rule, rows)] if rows and plan.rule else []


def _undated(plan: Plan) -> list[str]:
    rows = plan.summary.get("undated", 0)
    return [retention.without_date(plan.rule, rows)] if rows and plan.rule else []


def _troubles(plan: Plan) -> list[str]:
    return [text for text in (plan.problem, plan.waits) if text]


def _exceptions(plan: Plan) -> list[str]:
    """What the sweep does not reach, and what holds do not protect from it."""
    said = [f"Exception: {line}" for line in plan.exceptions]
    return [*said, *plan.summary.get("notes", [])]


def _alike(plan: Plan) -> list[str]:
    """Groups as they will be, or as they are once the sweep is done."""
    found = (plan.residue or {}).get("groups") or plan.summary.get("groups")
    return groups.sentences(found) if found else []


def status(rows: Sequence[tuple[Rule, dict[str, Any]]]) -> str:
    """Every rule in use, and what is due under it."""
    head = (
        "rule", "past their date", "held", "no date", "referred to", "oldest",
        "rule is",
    )  # fmt: skip
    return "\n".join(listing.lines(head, [_due(*row) for row in rows]))


def _due(rule: Rule, due: dict[str, Any]) -> tuple[Any, ...]:
    return (
        rule.name,
        due["rows"],
        due["held"],
        due["undated"],
        due.get("referred", 0),
        (due["oldest"] or "none")[:10],
        "approved" if due["approved"] else "not approved yet",
    )


def described(plan: Plan) -> dict[str, Any]:
    return {
        "sweep": str(plan.pk),
        "rule": plan.summary["rule"]["rule"],
        "status": plan.status,
        "digest": plan.digest,
        **{k: plan.summary[k] for k in ("rows", "held", "oldest", "newest", "cutoff")},
        "referred": plan.summary.get("referred", 0),
        "undated": plan.summary.get("undated", 0),
        "progress": plans.progress(plan),
        "effect": plan.summary.get("effect", ""),
        "fields": plan.summary["fields"],
        "exceptions": plan.exceptions,
        "notes": plan.summary.get("notes", []),
        "groups": plan.summary.get("groups"),
        "groups_after": (plan.residue or {}).get("groups"),
        "problem": plan.problem,
        "waits": plan.waits,
    }
