"""Breaches of personal data: record, see the clocks, note who was told, close."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from privacy import incidents
from privacy.management.base import PortalCommand, instant, subcommands
from privacy.models import Incident, IncidentRule

SAID = (
    "title", "facts", "aware", "determined", "reach", "incident", "rule", "ground",
    "at", "people", "proof", "law", "list", "column",
)  # fmt: skip


class Command(PortalCommand):
    help = "The register of breaches: who must be told, by when, and who has been."

    def arguments(self, parser: CommandParser) -> None:
        verbs = subcommands(parser)
        record = verbs.add_parser(
            "record", help="record a breach that we became aware of"
        )
        record.add_argument("title")
        record.add_argument("--facts", required=True, help="what happened; no names")
        record.add_argument("--aware", type=instant, required=True, metavar="ISO")
        record.add_argument("--determined", type=instant, metavar="ISO")
        record.add_argument(
            "--reach", action="append", default=[], type=_reach, metavar="LAW:PEOPLE"
        )
        verbs.add_parser("list", help="all of them")
        verbs.add_parser("rules", help="whom each law requires to be told, and by when")
        for name, said in (
            ("show", "its clocks"),
            ("told", "note that somebody was told"),
            ("spare", "decide that somebody need not be told"),
            (
                "people",
                "name the people affected: from a list, or from a column of a store",
            ),
            ("close", "close it: nothing is left to do"),
        ):
            verb = verbs.add_parser(name, help=said)
            verb.add_argument("incident", type=int)
            if name in ("told", "spare"):
                verb.add_argument("rule", help="its code: see “show”")
                verb.add_argument("--ground", default="")
            if name == "people":
                verb.add_argument("--law", required=True)
                source = verb.add_mutually_exclusive_group(required=True)
                source.add_argument("--list", type=Path, metavar="FILE")
                source.add_argument("--column", metavar="STORE.TABLE.COLUMN")
            if name == "told":
                verb.add_argument("--at", type=instant, required=True, metavar="ISO")
                verb.add_argument("--people", type=int)
                verb.add_argument("--proof", type=Path, metavar="FILE")

    def run(self, verb: str, **options: Any) -> None:
        self.now = timezone.now()
        said = {name: options[name] for name in SAID if name in options}
        getattr(self, f"do_{verb}")(**said)

    def do_record(self, **said: Any) -> None:
        self.require("privacy.add_incident")
        row = incidents.record(
            title=said["title"],
            facts=said["facts"],
            aware_at=said["aware"],
            determined_at=said["determined"],
            reach=dict(said["reach"]),
            by=self.by,
            now=self.now,
        )
        self._tell(row)

    def do_list(self) -> None:
        self.require("privacy.view_incident")
        rows = list(Incident.objects.all())
        words = "\n".join(f"{row.pk}: {row}" for row in rows) or "No incident."
        self.answer(words, [self._facts(row) for row in rows])

    def do_rules(self) -> None:
        self.require("privacy.view_incidentrule")
        rows = list(IncidentRule.objects.all())
        lines = [f"{r.code}: {r} ({r.valid_from or 'not in force'})" for r in rows]
        facts = [{"code": r.code, "law": r.place, "from": r.valid_from} for r in rows]
        self.answer("\n".join(lines), facts)

    def do_show(self, incident: int) -> None:
        self.require("privacy.view_incident")
        self._tell(_found(incident))

    def do_told(self, incident: int, rule: str, **said: Any) -> None:
        self.require("privacy.change_incident")
        path = said.pop("proof")
        try:
            paper = path.read_bytes() if path else b""
        except OSError:
            raise CommandError(f"{path} can't be read.") from None
        row, duty = _found(incident), _duty(rule)
        facts = {**said, "paper": paper, "by": self.by, "now": self.now}
        incidents.told(incident=row, rule=duty, **facts)
        self._tell(row)

    def do_spare(self, incident: int, rule: str, ground: str) -> None:
        self.require("privacy.change_incident")
        row = _found(incident)
        who = {"by": self.by, "now": self.now}
        incidents.spare(incident=row, rule=_duty(rule), ground=ground, **who)
        self._tell(row)

    def do_people(self, incident: int, law: str, **said: Any) -> None:
        self.require("privacy.change_incident")
        marks, found_in = _people(**said)
        incidents.people.name(
            incident=_found(incident),
            place=law,
            marks=marks,
            found_in=found_in,
            by=self.by,
            now=self.now,
        )
        self._tell(_found(incident))

    def do_close(self, incident: int) -> None:
        self.require("privacy.change_incident")
        row = _found(incident)
        incidents.close(incident=row, by=self.by, now=self.now)
        self._tell(_found(incident))

    def _tell(self, row: Incident) -> None:
        facts = self._facts(row)
        lines = [f"Incident {row.pk}: {row}"] + [
            f"  {c['rule']}: {c['who']}, {c['words']}; {c['done'] or 'not yet'}"
            for c in facts["clocks"]
        ]
        self.answer("\n".join(lines), facts)

    def _facts(self, row: Incident) -> dict[str, Any]:
        return {
            "id": row.pk,
            "aware": row.aware_at.isoformat(),
            "risk": row.risk,
            "reach": dict(row.reach.values_list("place", "people")),
            "closed": row.closed_at and row.closed_at.isoformat(),
            "clocks": [self._clock(clock) for clock in incidents.clocks(row)],
        }

    def _clock(self, clock: incidents.Clock) -> dict[str, Any]:
        return {
            "rule": clock.rule.code,
            "who": clock.rule.who,
            "due": clock.due and clock.due.isoformat(),
            "words": clock.words,
            "citation": clock.rule.citation,
            "late": clock.is_late(self.now),
            "done": clock.step and clock.step.kind,
        }


def _found(number: int) -> Incident:
    row = Incident.objects.filter(pk=number).first()
    if row is None:
        raise CommandError("There is no incident with that number.")
    return row


def _people(list: Path | None, column: str | None) -> tuple[Any, str]:
    """The people who were found, and where."""
    if list:
        try:
            text = list.read_text("utf-8-sig")
        except (OSError, UnicodeDecodeError):
            raise CommandError(f"{list} can't be read.") from None
        return incidents.people.of_list(text), incidents.people.A_LIST
    known = {incidents.people.called(c): c for c in incidents.people.sources()}
    if column not in known:
        raise CommandError("No such column of contacts: " + ", ".join(known))
    return incidents.people.of_column(known[column]), column


def _duty(code: str) -> IncidentRule:
    row = IncidentRule.objects.filter(code=code).first()
    if row is None:
        raise CommandError(
            "There is no duty of that code; “incident rules” lists them."
        )
    return row


def _reach(text: str) -> tuple[str, int]:
    place, _, people = text.rpartition(":")
    return place, int(people)
