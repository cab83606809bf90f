"""How far each event of the ledger reaches: which programs of its sender it decides.

A sender's parts are "" (all its programs that need consent), "*" (its exempted ones, 47
CFR 64.1200(a)(9); only for a sender that has any), "p7" (program 7 alone), "marketing"
(of any program; service goes on), "service" (of any program, and no marketing) and a
number of ours. A person who chose is taken at
their word; how far a bare STOP reaches is decided by the dated rules of its day.
Without a rule it reaches everything.
"""

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml
from django.db.models import QuerySet

from consent.models import Event, Program, ScopeRule
from consent.sql import scopes as statements
from privacy.refusals import Refusal

RULES = Path(__file__).resolve().parent / "rules" / "scope.yaml"
WHOLE, EXEMPTED, MARKETING, SERVICE = "", "*", "marketing", "service"
Reach, Scope, Kind = ScopeRule.Reach, Event.Scope, Event.Kind
WIDTH = {Reach.PROGRAM: 0, Reach.CONSENTED: 1, Reach.ALL: 2}
ALWAYS = dt.date.min, dt.date.max


class NoSuchPart(Refusal):
    """Give the program or the number of ours that the person chose; give neither for
    all senders."""


def part_of(program_id: int | None) -> str:
    return f"p{program_id}"


def program_in(part: str) -> int | None:
    """The program that a part names, if it names one."""
    return int(part[1:]) if part.startswith("p") else None


def named_by(part: str) -> tuple[str, int | None]:
    """The scope of an event that decides just this part, and its program."""
    if part in (WHOLE, EXEMPTED):
        return Scope.BARE, None
    if part == MARKETING:
        return Scope.MARKETING, None
    number = program_in(part)
    return (Scope.PROGRAM if number else Scope.SENDER), number


def is_for_service(event: Event) -> bool:
    """A bare START in answer to service messages asks for those, and consents to no
    marketing (47 CFR 64.1200(f)(9))."""
    if event.kind != Kind.OPT_IN or event.scope or not event.organization:
        return False
    program = event.program if event.program_id else None
    return program is not None and program.purpose == Program.Purpose.SERVICE


def refuse_nonsense(
    scope: str, organization: str, program: Program | None, our_number: str
) -> None:
    is_there = {
        Scope.BARE: True,
        Scope.SENDER: organization and our_number,
        Scope.PROGRAM: program and program.organization == organization != "",
        Scope.ORGANIZATION: organization,
        Scope.ALL: not organization,
        Scope.MARKETING: True,
    }
    if not is_there[Scope(scope)]:
        raise NoSuchPart


@dataclass(frozen=True)
class Rule:
    name: str
    after_consented: str
    after_exempted: str
    valid_from: dt.date
    valid_to: dt.date

    def reach(self, *, exempted: bool) -> str:
        return self.after_exempted if exempted else self.after_consented


@dataclass(frozen=True)
class Scopes:
    """The rules, and the sender of each exempted program, by the program's id."""

    rules: tuple[Rule, ...]
    exempted: dict[int, str]

    def parts(self, event: Event) -> list[str]:
        """What the event decides. Those after the first are `soft` in an opt-in."""
        if event.scope == Scope.PROGRAM:
            return [part_of(event.program_id)]
        if event.scope == Scope.MARKETING:
            return [MARKETING]
        if event.scope == Scope.SENDER:
            return [str(event.evidence.get("our_number", ""))]
        if is_for_service(event):
            return [SERVICE]
        if event.kind != Kind.OPT_OUT or event.scope or not event.program_id:
            return self.whole(event.organization)
        return self.ended(
            event.program_id,
            event.organization,
            event.occurred_at.astimezone(dt.UTC).date(),
        )

    def soft(self, event: Event) -> str:
        """A bare START to a program's number lifts what was said about that program, if
        anything was; otherwise it is about the sender."""
        is_bare = event.kind == Kind.OPT_IN and not event.scope
        has_part = event.program_id and event.organization
        return part_of(event.program_id) if is_bare and has_part else ""

    def whole(self, organization: str) -> list[str]:
        has_exempted = organization and organization in self.exempted.values()
        return [WHOLE, EXEMPTED] if has_exempted else [WHOLE]

    def ended(self, program_id: int, organization: str, day: dt.date) -> list[str]:
        """The parts ended by a bare STOP in answer to this program."""
        if not organization:
            return [WHOLE]
        reach = self._reach(day, exempted=program_id in self.exempted)
        if reach == Reach.ALL:
            return self.whole(organization)
        own = [part_of(program_id)]
        if reach == Reach.PROGRAM:
            return own
        return [WHOLE, *(own if program_id in self.exempted else [])]

    def in_force(self, day: dt.date) -> list[Rule]:
        return [rule for rule in self.rules if rule.valid_from <= day <= rule.valid_to]

    def deciding(self, day: dt.date, *, exempted: bool) -> Rule | None:
        """The widest in force; of equals the most recent."""
        rules = self.in_force(day)
        return max(
            reversed(rules),
            key=lambda rule: WIDTH[Reach(rule.reach(exempted=exempted))],
            default=None,
        )

    def _reach(self, day: dt.date, *, exempted: bool) -> str:
        rule = self.deciding(day, exempted=exempted)
        return rule.reach(exempted=exempted) if rule else Reach.ALL

    def table(self) -> str:
        """The same for a statement, as JSON: where a STOP of a day does not reach to
        the whole of its sender; the senders with an exempted part; and the programs
        whose START is for service alone."""
        programs = Program.objects.exclude(organization="").order_by("pk")
        said = list(programs.values_list("pk", "organization"))
        service = programs.filter(purpose=Program.Purpose.SERVICE)
        periods = list(self._periods())
        ended = [
            {"program": pk, "begins": begins, "ends": ends, "parts": parts}
            for pk, organization in said
            for begins, ends in periods
            if (parts := self.ended(pk, organization, begins))
            != self.whole(organization)
        ]
        table = {
            "ended": ended,
            "exempting": sorted(set(self.exempted.values())),
            "service": list(service.values_list("pk", flat=True)),
        }
        return json.dumps(table, default=str)

    def _periods(self) -> Iterator[tuple[dt.date, dt.date]]:
        """In each, the same rules are in force."""
        day = dt.timedelta(days=1)
        firsts = {ALWAYS[0]} | {rule.valid_from for rule in self.rules}
        firsts |= {r.valid_to + day for r in self.rules if r.valid_to < ALWAYS[1]}
        begins = sorted(firsts)
        lasts = [first - day for first in begins[1:]] + [ALWAYS[1]]
        return zip(begins, lasts, strict=True)


NONE = Scopes((), {})


def now() -> Scopes:
    """As the rows say at present; by one prepared statement, for every message."""
    rules, exempted = [], {}
    for name, begins, ends, consented, after_exempted, pk in statements.known():
        if pk is None:
            ends = ends or ALWAYS[1]
            rules.append(Rule(name, consented, after_exempted, begins, ends))
        else:
            exempted[pk] = name
    return Scopes(tuple(rules), exempted)


def rule_of(event: Event, scopes: Scopes) -> ScopeRule | None:
    """The rule that says how far a bare STOP reaches; None for any other event, and
    where no rule says so."""
    if event.kind != Kind.OPT_OUT or event.scope or not event.program_id:
        return None
    day = event.occurred_at.astimezone(dt.UTC).date()
    rule = scopes.deciding(day, exempted=event.program_id in scopes.exempted)
    found: QuerySet[ScopeRule] = ScopeRule.objects.none()
    if rule:
        found = ScopeRule.objects.filter(name=rule.name, valid_from=rule.valid_from)
    return found.first()


def load() -> int:
    """Adds the file's rules that are not rows yet; returns how many. A row that staff
    changed stays as they left it."""
    before = ScopeRule.objects.count()
    known = set(ScopeRule.objects.values_list("name", flat=True))
    rows = [ScopeRule(**said) for said in yaml.safe_load(RULES.read_text())]
    ScopeRule.objects.bulk_create(row for row in rows if row.name not in known)
    return ScopeRule.objects.count() - before
