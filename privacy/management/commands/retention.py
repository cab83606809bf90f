"""Retention rules and their sweeps."""

import contextlib
import datetime as dt
import time
import uuid
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone
from django.utils.text import slugify

from privacy import plans, retention, tasks
from privacy.management.base import PortalCommand, subcommands
from privacy.management.commands._sweeps import described, status, words
from privacy.models import Plan, Rule
from privacy.refusals import Refusal

STEPS = {
    "pause": "pause after the current range",
    "resume": "continue where it stopped",
    "cancel": "stop for good",
    "retry": "try failed ranges again",
}
RULE = (
    "place", "start", "months", "days", "action", "where", "without", "with_",
    "since", "category", "name", "citation",
)  # fmt: skip
NO_RULE = "There is no retention rule yet; retention rule makes one."
PATIENCE = 30  # seconds that a store may be busy before a waiting command gives up


class Command(PortalCommand):
    help = (
        "See what is past its retention date and what a sweep would do; approve "
        "and run sweeps."
    )

    def arguments(self, parser: CommandParser) -> None:
        verbs = subcommands(parser)
        _rule_arguments(verbs.add_parser("rule", help="how long rows may stay"))
        preview = verbs.add_parser(
            "preview", help="what would be removed, changing nothing"
        )
        preview.add_argument("rule", nargs="?")
        verbs.add_parser("approve", help="approve it as a second person").add_argument(
            "sweep", metavar="RULE_OR_SWEEP"
        )
        run = verbs.add_parser("run", help="start what is approved")
        run.add_argument("rule", nargs="?")
        run.add_argument("--wait", action="store_true", help="carry it out here")
        for verb, said in STEPS.items():
            sub = verbs.add_parser(verb, help=said)
            sub.add_argument("sweep", metavar="RULE_OR_SWEEP")
        verbs.add_parser("status", help="every rule and its latest sweep")

    def run(self, verb: str, **options: Any) -> None:
        named = {k: options[k] for k in ("rule", "sweep", "wait") if k in options}
        if verb == "rule":
            self.make(**{k: options[k] for k in RULE})
        elif verb in STEPS:
            self.step(verb, **named)
        else:
            getattr(self, {"run": "start"}.get(verb, verb))(**named)

    def make(self, **said: Any) -> None:
        self.require("privacy.add_rule")
        place, where = said["place"], said.pop("where")
        others = _sentences(**{k: said.pop(k) for k in ("without", "with_", "since")})
        said["name"] = said["name"] or _name(place, said["action"])
        said["title"] = _title(others=others, **said)
        rule = retention.make(
            where=dict(_pair(each) for each in where),
            others="\n".join(others),
            by=self.by,
            now=timezone.now(),
            **said,
        )
        says, due = retention.sentence(rule), self._due(rule, timezone.now())
        self.answer(_made(rule, says, due), {"rule": rule.name, "says": says, **due})

    def step(self, verb: str, sweep: str) -> None:
        """Pause, resume, cancel or retry: one domain call of that name."""
        self.require("privacy.approve_plan")
        plan = _sweep(sweep)
        getattr(plans, verb)(plan=plan, by=self.by, now=timezone.now())
        plan.refresh_from_db()
        self.answer(words([plan]), described(plan))

    def preview(self, rule: str | None = None) -> None:
        self.require("privacy.add_plan")
        rules = [retention.named(rule)] if rule else _active()
        made, refused = [], []
        for each in rules:
            try:
                plan = retention.preview(rule=each, by=self.by, now=timezone.now())
                made.append(plan)
            except Refusal as refusal:
                refused.append(f"{each.name}: {refusal}")
        text = words(made) if made else NO_RULE * (not rules)
        self.answer(text, [described(plan) for plan in made])
        if refused:
            raise CommandError("\n".join(refused))

    def approve(self, sweep: str) -> None:
        self.require("privacy.approve_plan")
        plan = _sweep(sweep)
        retention.approve(sweep=plan, by=self.by, now=timezone.now())
        plan.refresh_from_db()
        self.answer(words([plan]), described(plan))

    def start(self, rule: str | None = None, *, wait: bool = False) -> None:
        self.require("privacy.approve_plan")
        chosen = retention.named(rule) if rule else None
        begun: list[Plan] = []
        todo, refused = _begin(chosen)
        while todo:
            for plan in todo:
                self._carry(plan, wait=wait)
            begun += todo
            ended = sum(plans.progress(plan)["rows"] for plan in todo)
            again = wait and ended  # what children kept back
            todo, refused = _begin(chosen) if again else ([], refused)
        text = words(begun) if begun else _nothing(chosen) * (not refused)
        self.answer(text, [described(plan) for plan in begun])
        if refused:
            raise CommandError("\n".join(refused))

    def _carry(self, plan: Plan, *, wait: bool) -> None:
        if not wait:
            tasks.work.delay(str(plan.pk))
            return
        patience = time.monotonic() + PATIENCE
        while plan.status in (plans.Status.APPROVED, plans.Status.RUNNING):
            retention.carry_out(sweep=plan, clock=timezone.now)
            plan.refresh_from_db()
            if plan.status == plans.Status.RUNNING:
                if plan.waits and time.monotonic() > patience:
                    raise CommandError(
                        f"{plan.waits} The work continues by itself later."
                    )
                time.sleep(0.5)  # another worker is at the last range

    def status(self) -> None:
        self.require("privacy.view_plan")
        now, rules = timezone.now(), _active()
        rows, refused = [], []
        for rule in rules:
            try:
                rows.append((rule, self._due(rule, now)))
            except Refusal as refusal:
                refused.append(f"{rule.name}: {refusal}")
        found = [{"rule": rule.name, **due} for rule, due in rows]
        self.answer(status(rows) or NO_RULE * (not rules), found)
        if refused:
            raise CommandError("\n".join(refused))

    def _due(self, rule: Rule, now: dt.datetime) -> dict[str, Any]:
        return {
            "approved": retention.is_approved(rule),
            **retention.past_due(rule, now),
            "undated": retention.undated(rule, now),
        }


def _rule_arguments(rule: CommandParser) -> None:
    rule.add_argument("place", metavar="STORE.TABLE")
    rule.add_argument("--date", dest="start", default="", metavar="COLUMN")
    rule.add_argument("--months", type=int, default=0)
    rule.add_argument("--days", type=int, default=0)
    rule.add_argument(
        "--ending",
        dest="action",
        choices=Rule.Action.values,
        default="deidentify",
        help="default: de-identify the rows, which stay",
    )
    rule.add_argument("--where", action="append", default=[], metavar="COLUMN=VALUE")
    for name, said in (
        ("without", "only rows that no row there links to"),
        ("with_", "only rows that one there links to"),
    ):
        rule.add_argument(
            f"--{name.rstrip('_')}",
            dest=name,
            action="append",
            default=[],
            metavar="TABLE[.DATE] [by COLUMN]",
            help=said,
        )
    rule.add_argument("--since", default="", metavar="DAY", help="of the two above")
    rule.add_argument(
        "--category", default="", help="default: the category of most columns"
    )
    rule.add_argument("--name", default="", help="default: made from the table's name")
    rule.add_argument(
        "--citation", required=True, help="the law or policy that says so"
    )


def _sentences(*, without: list[str], with_: list[str], since: str) -> list[str]:
    """Conditions on other tables, as the domain function takes them."""
    if since and not (without or with_):
        raise CommandError("--since goes with --without or --with.")
    ending = f" since {since}" if since else ""
    return [f"without {each}{ending}" for each in without] + [
        f"with {each}{ending}" for each in with_
    ]


def _name(place: str, action: str) -> str:
    return slugify(f"{place.replace('.', '-')}-{action}")[:50]


def _title(*, place: str, months: int, days: int, others: list[str], **_: Any) -> str:
    spans = [f"{months} months"] * bool(months) + [f"{days} days"] * bool(days)
    after = f"after {' and '.join(spans)}" if spans else ""
    return " ".join(filter(None, [place, after, " and ".join(others)]))[:120]


def _pair(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign:
        raise CommandError("Write --where as COLUMN=VALUE. Nothing was changed.")
    return name, value


def _active() -> list[Rule]:
    return list(Rule.objects.filter(is_active=True).select_related("table__store"))


def _ids(found: list[Plan]) -> list[uuid.UUID]:
    return [plan.pk for plan in found]


def _sweep(text: str) -> Plan:
    """By its number, or the latest one of a rule."""
    sweeps = Plan.objects.filter(kind=Plan.Kind.SWEEP)
    with contextlib.suppress(ValueError):
        if found := sweeps.filter(pk=uuid.UUID(text)).first():
            return found
        raise CommandError("There is no sweep with that number.")
    found = sweeps.filter(rule=retention.named(text)).order_by("planned_at").last()
    if found is None:
        raise CommandError(f"Preview it first: retention preview {text}")
    return found


def _begin(chosen: Rule | None) -> tuple[list[Plan], list[str]]:
    """All sweeps that are due or under way, of one rule or of every rule; and why
    others can't be looked at."""
    _, refused = retention.start_due(now=timezone.now(), only=chosen)
    live = Plan.objects.filter(kind=Plan.Kind.SWEEP, pk__in=_ids(plans.unfinished()))
    return list(live.filter(rule=chosen) if chosen else live), refused


def _made(rule: Rule, says: str, due: dict[str, Any]) -> str:
    """What a new rule will do, to how many rows now, and what has to happen first."""
    lines = [f"Added the rule {rule.name}. {says}"]
    if rule.action == Rule.Action.DEIDENTIFY:
        lines.append(
            "No row is deleted (--ending delete would do that), and a row with nothing "
            "to end is not counted."
        )
    lines.append(f"Due now: {due['rows']:,} rows; {due['held']:,} more are on hold.")
    if due.get("referred"):
        lines.append(retention.referred(rule, due["referred"]))
    if due["undated"]:
        lines.append(retention.without_date(rule, due["undated"]))
    lines.append(
        f"Nothing happens before somebody previews it (retention preview {rule.name}) "
        "and another person approves it."
    )
    return "\n".join(lines)


def _nothing(rule: Rule | None) -> str:
    """Why there is nothing to run."""
    if rule is not None and not rule.is_active:
        return f"The rule {rule.name} is switched off; its page turns it on again."
    if rule is None or retention.is_approved(rule):
        return "Nothing approved is due."
    return (
        f"The rule {rule.name} is not approved yet: retention preview {rule.name}, "
        f"then another person: retention approve {rule.name} --by NAME"
    )
