"""A plan as lawyers read it: which rows, what happens to each field, what was
proved."""

import datetime as dt
import json
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from privacy import correction, keeping, leftovers, plans, retention
from privacy.anonymity import groups
from privacy.erasure import paper
from privacy.models import Category, Certificate, Plan
from privacy.strategies import STRATEGIES

ACTIONS = {
    "delete": "Deleted",
    "deidentify": "De-identified",
    "redact": "Mentions of the person removed",
    "keep": "Kept",
    "disclose": "Copied for the person",
    "correct": "Corrected",
}
CHANGES = ("delete", "deidentify", "redact")
CARDS = "Card numbers removed"
SCRUBBED = {"what": "Card numbers removed from the text", "effect": ""}
MOST_RANGES = 20
FEW = 3  # tables whose fields are read at a glance


@dataclass
class Section:
    """One thing that happens to rows of one table."""

    table: str
    what: str
    why: str
    rows: int
    fields: list[dict[str, str]]
    paths: list[tuple[str, int]] = field(default_factory=list)
    address: str = ""  # of a table with a title: two stores may have one of that title
    changed: int | None = None  # in the end, as the certificate says

    @property
    def is_explained(self) -> bool:
        """A plan for a person explains each field; a plan of a rule explains it
        once."""
        return any(each.get("category") or each.get("why") for each in self.fields)


@dataclass
class Together:
    """All that happens to rows of one table."""

    sections: list[Section]

    @property
    def name(self) -> str:
        return self.sections[0].table

    @property
    def address(self) -> str:
        return self.sections[0].address

    @property
    def rows(self) -> int:
        return sum(each.rows for each in self.sections)

    @property
    def in_all(self) -> str:
        return in_all(self.sections)


def in_all(sections: list[Section]) -> str:
    """Rows by what happens to them, as in “Deleted: 12 rows; Kept: 1 row”."""
    counts: Counter[str] = Counter()
    for each in sections:
        counts[each.what] += each.rows
    return "; ".join(
        f"{what}: {rows:,} row{'' if rows == 1 else 's'}"
        for what, rows in counts.items()
    )


@dataclass
class Shown:
    plan: Plan
    sections: list[Section]
    facts: list[tuple[str, Any]]
    exceptions: list[str]
    notes: list[str]
    progress: dict[str, int]
    ranges: list[Any]
    changes: list[tuple[str, str, str]] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    residue: list[str] = field(default_factory=list)
    certificate: Certificate | None = None
    leftovers: int = 0  # places where somebody must decide

    @property
    def document(self) -> str:
        """The signed document, laid out for reading."""
        if self.certificate is None:
            return ""
        said = json.loads(self.certificate.document)
        return json.dumps(said, indent=2, sort_keys=True, ensure_ascii=False)

    @property
    def in_all(self) -> str:
        return in_all(self.sections)

    @cached_property
    def tables(self) -> list[Together]:
        """Those in which something was found; of a single one, that nothing was."""
        groups = self._grouped()
        return [each for each in groups if each.rows] if len(groups) > 1 else groups

    @property
    def empty(self) -> list[Together]:
        return [each for each in self._grouped() if each not in self.tables]

    def _grouped(self) -> list[Together]:
        found: dict[tuple[str, str], list[Section]] = {}
        for each in self.sections:
            found.setdefault((each.address, each.table), []).append(each)
        return [Together(some) for some in found.values()]

    @property
    def is_long(self) -> bool:
        """Too many tables to read each field of each; they open on demand."""
        return len(self.tables) > FEW

    @property
    def share(self) -> int:
        """Percent of the planned rows that are done, for a progress bar."""
        total = sum(part.rows for part in self.sections) or 1
        return min(100, 100 * (self.progress["rows"] + self.progress["held"]) // total)


def _changes(plan: Plan) -> list[tuple[str, str, str]]:
    """The changes of a correction (field, before, after) for the person who approves
    it."""
    if plan.kind != Plan.Kind.CORRECTION or plan.finished_at:
        return []
    return [
        (f"{row.table}.{name}", before or "", after)
        for row in plan.rows.select_related("table__store")
        for name, (before, after) in correction.values_of(row).items()
    ]


def describe(plan: Plan) -> Shown:
    is_sweep = plan.kind == Plan.Kind.SWEEP
    ranges = plan.ranges.select_related("table__store").order_by("-ordinal")
    certificate = Certificate.objects.filter(plan=plan).first()
    return Shown(
        plan=plan,
        sections=[_swept(plan)] if is_sweep else _sections(plan, certificate),
        facts=_facts(plan),
        exceptions=plan.exceptions,
        notes=list(plan.summary.get("notes", [])),
        progress=_progress(plan),
        ranges=list(ranges[:MOST_RANGES]),
        changes=_changes(plan),
        groups=groups.sentences(plan.summary["groups"])
        if "groups" in plan.summary
        else [],
        residue=list(_residue(plan.residue)) if plan.finished_at else [],
        certificate=certificate,
        leftovers=leftovers.waiting(plan).count(),
    )


def _progress(plan: Plan) -> dict[str, int]:
    if plan.kind == Plan.Kind.RECORDS:
        return keeping.progress(plan)
    return plans.progress(plan)


def _sections(plan: Plan, certificate: Certificate | None) -> list[Section]:
    titles = dict(Category.objects.values_list("code", "title"))
    is_scrub = plan.kind == Plan.Kind.SCRUB
    changed = _changed(certificate)
    return [
        Section(
            table=said["title"] or said["table"],
            what=CARDS if is_scrub else ACTIONS.get(said["action"], said["action"]),
            why=said["ground"],
            rows=said["rows"],
            fields=[
                {
                    **each,
                    "category": titles.get(each["category"], each["category"]),
                    **(SCRUBBED if is_scrub else {}),
                }
                for each in said["fields"]
            ],
            paths=said.get("paths", []),
            address=said["table"] if said["title"] not in ("", said["table"]) else "",
            changed=changed.get((said["table"], said["action"], said["ground"])),
        )
        for said in plan.summary.get("tables", [])
    ]


def _changed(certificate: Certificate | None) -> dict[tuple[str, str, str], int]:
    """By table, action and ground. A row may have held nothing more of the person."""
    said = json.loads(certificate.document) if certificate else {}
    return {
        (each["table"], each["action"], each["ground"]): each["ended"]
        for each in said.get("tables", [])
        if each["action"] in CHANGES
    }


def _swept(plan: Plan) -> Section:
    said = plan.summary
    return Section(
        table=said["rule"]["table"],
        what=ACTIONS[said["rule"]["action"]],
        why=plan.rule.citation if plan.rule else "",
        rows=said["rows"],
        fields=[{**each, "what": _label(each["what"])} for each in said["fields"]],
    )


def _label(strategy: str) -> str:
    return STRATEGIES[strategy].label if strategy in STRATEGIES else strategy


def _facts(plan: Plan) -> list[tuple[str, Any]]:
    """Labels and values, with dates as dates."""
    said = plan.summary
    facts: list[tuple[str, Any]] = [("Status", plan.get_status_display())]
    if plan.problem:
        facts.append(("Problem", plan.problem))
    if plan.waits:
        facts.append(("Waits", plan.waits))
    facts += [
        ("Planned by", plan.planned_by),
        ("Planned at", plan.planned_at),
        ("Approved by", plan.approved_by or "Nobody yet"),
        ("Approved at", plan.approved_at),
        ("Exceptions accepted by", _accepted_by(plan)),
        ("Rows from before", plan.cutoff),
        ("Only rows", _only(said)),
        ("What remains may be called", said.get("effect")),
        ("Oldest row", _date(said.get("oldest"))),
        ("Newest row", _date(said.get("newest"))),
        ("Kept by legal holds", said.get("held")),
        ("Rows that others refer to, which stay until these go", said.get("referred")),
        ("Rows without a date, which stay", said.get("undated")),
        ("Withheld: belongs to another person", said.get("withheld")),
        ("Other people's rows that refer to theirs, and stay", _acted(said)),
        ("Started", plan.started_at),
        ("Finished", plan.finished_at),
        ("Digest of what is approved", plan.digest),
    ]
    return [(label, value) for label, value in facts if value is not None]


def _accepted_by(plan: Plan) -> str | None:
    """Whoever approves a plan accepts what it does not reach."""
    return (plan.approved_by or None) if plan.summary.get("exceptions") else None


def _only(said: dict[str, Any]) -> str | None:
    """The conditions that a rule puts on other tables."""
    linked = said.get("rule", {}).get("linked", [])
    return "; ".join(map(retention.linked.written, linked)) or None


def _acted(said: dict[str, Any]) -> str | None:
    some = [f"{each['table']}: {each['rows']}" for each in said.get("acted", ())]
    return "; ".join(some) or None


def _date(text: str | None) -> dt.datetime | dt.date | None:
    if not text:
        return None
    return dt.datetime.fromisoformat(text)


def _residue(found: dict[str, Any] | None) -> list[str]:
    """What the last search for leftovers found, in sentences."""
    if found is None:
        return []
    if "rows" in found:
        held = f" {found['held']} are kept by legal holds." if found["held"] else ""
        lines = [f"{found['rows']} rows are still past their date.{held}"]
        return lines + (groups.sentences(found["groups"]) if "groups" in found else [])
    searched = sum(each.get("columns", 0) for each in found.get("searched", []))
    lines = [f"{searched} columns were searched, in every notation."]
    lines += [
        f"{each['place']}: {each['copies']} copies, {each['kept']} kept with a ground."
        for each in found.get("found", [])
    ]
    lines += [paper.decided(each) for each in found.get("decided", [])]
    return [*lines, f"{found.get('left', 0)} copies are left without a ground."]
