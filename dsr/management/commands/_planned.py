"""A plan for a person, to be read in a terminal before somebody approves it."""

from typing import Any

from dsr.models import Ticket
from privacy import leftovers
from privacy.management import listing
from privacy.models import Plan

WHAT = {
    "delete": "deleted",
    "deidentify": "de-identified",
    "redact": "mentions of the person removed",
    "correct": "corrected",
    "disclose": "copied",
    "keep": "stays",
}
ROWS = ("table", "rows", "what happens", "why it is about the person")
FIELDS = ("field", "what happens to it")
STAYS = ("table", "rows", "why it stays")
NEXT = (
    "Nothing has changed yet. Next, another person: dsr approve {ticket} --by NAME",
    "Nothing changes by a copy. Next: dsr approve {ticket}",
)


def planned(ticket: Ticket, plan: Plan) -> str:
    said = plan.summary
    stays = [each for each in said["tables"] if each["action"] == "keep"]
    rest = [each for each in said["tables"] if each["action"] != "keep"]
    is_copy = plan.kind == Plan.Kind.ACCESS
    parts = [
        listing.lines(ROWS, [row for each in rest for row in _rows(each)]),
        [] if is_copy else listing.lines(FIELDS, map(_fields, filter(_ends, rest))),
        listing.lines(
            STAYS, [*map(_stays, stays), *map(_stays, said.get("acted", ()))]
        ),
        exceptions(plan),
        _withheld(said.get("withheld", 0)),
    ]
    lines = ["\n".join(part) for part in parts if part]
    if not rest and not stays:
        lines.insert(0, "Nothing is known about this person.")
    lines.append(f"{NEXT[is_copy].format(ticket=ticket)}\nDigest {plan.digest}")
    return "\n\n".join(lines)


def _rows(said: dict[str, Any]) -> list[tuple[Any, ...]]:
    """The table, and the ways in which its rows were found, one beneath the other."""
    what = WHAT.get(said["action"], said["action"])
    what += f" ({said['ground']})" if said["ground"] else ""
    ways = [path for path, _ in said.get("paths", ())]
    if len(ways) > 1:
        ways = [f"{path} ({rows:,})" for path, rows in said["paths"]]
    first, *others = ways or [""]
    return [
        (said["table"], said["rows"], what, first),
        *(("", "", "", way) for way in others),
    ]


def _ends(said: dict[str, Any]) -> bool:
    return said["action"] != "delete" and bool(said["fields"])


def _fields(said: dict[str, Any]) -> tuple[str, str]:
    """Of one table; fields that end alike are named together."""
    alike: dict[str, list[str]] = {}
    for field in said["fields"]:
        alike.setdefault(field["what"].lower(), []).append(field["name"])
    ends = [f"{', '.join(names)}: {what}" for what, names in alike.items()]
    return said["table"], "; ".join(ends)


def _stays(said: dict[str, Any]) -> tuple[Any, ...]:
    return said["table"], said["rows"], said["ground"]


def exceptions(plan: Plan) -> list[str]:
    """What the plan does not reach; whoever approves it accepts that."""
    found = plan.summary.get("exceptions", [])
    many = "1 exception" if len(found) == 1 else f"{len(found)} exceptions"
    return [f"With {many}:", *(f"- {text}" for text in found)] if found else []


def where_it_stands(plan: Plan) -> list[str]:
    """Its state, with what it did not reach and what somebody must look at."""
    said = f"Plan: {plan.state}"
    found = plan.summary.get("exceptions", [])
    if plan.status == Plan.Status.EXCEPTED:
        lines = [f"{said}:", *(f"- {text}" for text in found)]
    else:
        lines = [" ".join(filter(None, (f"{said}.", plan.problem))), *exceptions(plan)]
    return lines + undecided(plan)


def undecided(plan: Plan) -> list[str]:
    """Where the search afterwards found something that a person must look at."""
    many = leftovers.waiting(plan).count()
    if not many:
        return []
    places = "1 place" if many == 1 else f"{many} places"
    return [f"Somebody must look at {places}: leftovers list {plan.pk}"]


def _withheld(rows: int) -> list[str]:
    if not rows:
        return []
    return [f"{rows:,} rows are left out: they belong to another person."]
