"""Retention rules and their sweeps."""

import time
import uuid
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone
from django.utils.text import slugify

from privacy import plans, retention, tasks
from privacy.anonymity import groups
from privacy.management.base import PortalCommand, subcommands
from privacy.models import Plan, Rule

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
            "sweep"
        )
        run = verbs.add_parser("run", help="start what is approved")
        run.add_argument("rule", nargs="?")
        run.add_argument("--wait", action="store_true", help="carry it out here")
        for verb, said in STEPS.items():
            verbs.add_parser(verb, help=said).add_argument("sweep")
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
        said["name"] = said["name"] or slugify(f"{place}-{said['action']}")[:50]
        said["title"] = _title(others=others, **said)
        rule = retention.make(
            where=dict(_pair(each) for each in where),
            others="\n".join(others),
            by=self.by,
            now=timezone.now(),
            **said,
        )
        self.answer(f"Added the rule {rule.name}. Preview it.", {"rule": rule.name})

    def step(self, verb: str, sweep: str) -> None:
        """Pause, resume, cancel or retry: one domain call of that name."""
        self.require("privacy.approve_plan")
        plan = _sweep(sweep)
        getattr(plans, verb)(plan=plan, by=self.by, now=timezone.now())
        self.answer(_words(plan), _described(plan))

    def preview(self, rule: str | None = None) -> None:
        self.require("privacy.add_plan")
        rules = [retention.named(rule)] if rule else _active()
        now = timezone.now()
        made = [retention.preview(rule=r, by=self.by, now=now) for r in rules]
        self.answer("\n".join(map(_words, made)), [_described(p) for p in made])

    def approve(self, sweep: str) -> None:
        self.require("privacy.approve_plan")
        plan = _sweep(sweep)
        retention.approve(sweep=plan, by=self.by, now=timezone.now())
        self.answer(f"Approved {plan.title}.", _described(plan))

    def start(self, rule: str | None = None, *, wait: bool = False) -> None:
        self.require("privacy.approve_plan")
        chosen = retention.named(rule) if rule else None
        retention.start_due(now=timezone.now(), only=chosen)
        live = Plan.objects.filter(
            kind=Plan.Kind.SWEEP, pk__in=_ids(plans.unfinished())
        )
        todo = list(live.filter(rule=chosen) if chosen else live)
        for plan in todo:
            self._carry(plan, wait=wait)
        words = "\n".join(map(_words, todo)) or "Nothing approved is due."
        self.answer(words, [_described(p) for p in todo])

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
        now = timezone.now()
        rows = [(rule, retention.past_due(rule, now)) for rule in _active()]
        words = "\n".join(
            f"{rule.name:<32} {due['rows']:>10} past their date, {due['held']} held, "
            f"{'approved' if retention.is_approved(rule) else 'not approved'}"
            for rule, due in rows
        )
        self.answer(
            words,
            [
                {"rule": rule.name, "approved": retention.is_approved(rule), **due}
                for rule, due in rows
            ],
        )


def _rule_arguments(rule: CommandParser) -> None:
    rule.add_argument("place", metavar="STORE.TABLE")
    rule.add_argument("--date", dest="start", default="", metavar="COLUMN")
    rule.add_argument("--months", type=int, default=0)
    rule.add_argument("--days", type=int, default=0)
    rule.add_argument(
        "--ending", dest="action", choices=Rule.Action.values, default="deidentify"
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


def _title(*, place: str, months: int, days: int, others: list[str], **_: Any) -> str:
    after = f"after {months} months {days} days" if months or days else ""
    return " ".join([place, *([after] if after else []), " and ".join(others)])[:120]


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
    try:
        return Plan.objects.get(pk=uuid.UUID(text), kind=Plan.Kind.SWEEP)
    except (ValueError, Plan.DoesNotExist):
        raise CommandError("There is no sweep with that number.") from None


def _words(plan: Plan) -> str:
    said = plan.summary
    done = plans.progress(plan)
    return (
        f"{plan.pk}  {plan.title}: {said['rows']} rows before {said['cutoff'][:10]}, "
        f"oldest {said['oldest'] or 'none'}, {said['held']} kept by holds. "
        f"{plan.get_status_display()}; {done['rows']} done. {plan.problem}{plan.waits}"
        + "".join(f"\n  {line}" for line in [*_exceptions(plan), *_alike(plan)])
    )


def _exceptions(plan: Plan) -> list[str]:
    """What the sweep does not reach."""
    return [f"Exception: {line}" for line in plan.summary.get("exceptions", [])]


def _alike(plan: Plan) -> list[str]:
    """Groups as they will be, or as they are once the sweep is done."""
    found = (plan.residue or {}).get("groups") or plan.summary.get("groups")
    return groups.sentences(found) if found else []


def _described(plan: Plan) -> dict[str, Any]:
    return {
        "sweep": str(plan.pk),
        "rule": plan.summary["rule"]["rule"],
        "status": plan.status,
        "digest": plan.digest,
        **{k: plan.summary[k] for k in ("rows", "held", "oldest", "newest", "cutoff")},
        "progress": plans.progress(plan),
        "effect": plan.summary.get("effect", ""),
        "fields": plan.summary["fields"],
        "exceptions": plan.summary.get("exceptions", []),
        "groups": plan.summary.get("groups"),
        "groups_after": (plan.residue or {}).get("groups"),
        "problem": plan.problem,
        "waits": plan.waits,
    }
