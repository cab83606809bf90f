"""The promise checks of the consent ledger; registered by `ConsentConfig`."""

import datetime as dt

from django.urls import reverse

from consent import keeping, ledger, months, reasons, wording
from consent.browser import cookies
from consent.models import (
    Event,
    InboundMessage,
    LedgerLine,
    Program,
)
from consent.months import ending
from consent.promises import frequency, stops
from consent.promises.stops import MOST_SHOWN, judging
from consent.sql import statements
from privacy import keeping as ends
from privacy import promises
from privacy.checks import endings
from privacy.models import AuditEvent, Rule
from privacy.promises import Evidence, Outcome, Remedy

HELP = "help-answered"
LOGS = "optin-logs-5y"
OWN_TABLES = "consent_"
ANSWER = Remedy(
    "Answer the person, then press “Acknowledge” and give the reason. Give the number "
    "a program with a help text; where the carrier sends no answer of ours, have its "
    "account answer HELP, and whoever runs the portal names it in "
    "CARRIERS_THAT_ANSWER.",
    needs="privacy.add_acknowledgement",
)
RESTORE = Remedy(
    "Whoever runs the portal verifies the trail with “audit verify” and brings the "
    "missing events back from a backup."
)
FILE = Remedy(
    "Whoever runs the portal makes sure that the scheduled task "
    "“consent.keep_months” runs."
)
LENGTHEN_OURS = Remedy(
    "Set it back to the legal period.", needs="consent.change_keepingrule"
)
END = Remedy(
    "Press “Preview the next month”; once a second person approves what it shows, the "
    "rest happens by itself.",
    needs="consent.add_ledgermonth",
)
LET_END = Remedy(
    "Press “Preview which messages would be deleted”; once a second person approves "
    "it, the rest happens by itself.",
    needs="consent.preview_keepingrule",
)
LET_END_DEALINGS = Remedy(
    "Press “Preview which purchases and inquiries would be deleted”; once a second "
    "person approves it, the rest happens by itself.",
    needs="consent.preview_keepingrule",
)
LET_END_REQUESTS = Remedy(
    "Press “Preview which do-not-call requests would be deleted”; once a second person "
    "approves it, the rest happens by itself.",
    needs="consent.preview_keepingrule",
)
LENGTHEN = Remedy("Set the rule to the legal period.", needs="privacy.change_rule")
REWRITE = Remedy(
    "Add what is missing to the program's text.", needs="consent.change_program"
)
DECLARE = Remedy(
    "Declare the cookie in the register, or have the page stop setting it.",
    needs="consent.add_cookie",
)


def help_is_answered(now: dt.datetime) -> Outcome:
    """Every HELP we received has a reply on record, ours or the carrier's."""
    asked = InboundMessage.objects.filter(meaning="help", received_at__lte=now)
    silent = asked.filter(replied_by="").order_by("received_at")
    judged = promises.acknowledged(HELP)
    found = [
        Evidence(
            f"Asked for help through {row.carrier} on "
            f"{reasons.moment(row.received_at)}, and no reply is on record",
            1,
            judging(HELP),
            subject=f"inbound:{row.pk}",
            remedy=ANSWER,
        )
        for row in silent
        if f"inbound:{row.pk}" not in judged
    ]
    if found:
        return promises.broken("A HELP was not answered.", *found[:MOST_SHOWN])
    return promises.kept("Every HELP was answered.")


def logs_are_kept(now: dt.datetime) -> Outcome:
    """No event is missing from the ledger, and no rule removes one too early."""
    found = []
    if missing := statements.missing_events() + _missing_at_the_end():
        sentence = "Numbers are missing from the ledger's sequence."
        found.append(Evidence(sentence, missing, remedy=RESTORE))
    found += [
        Evidence(
            f"“{rule}” is shorter than the law that it cites.",
            url=reverse("admin:consent_keepingrule_change", args=[rule.pk]),
            remedy=LENGTHEN_OURS,
        )
        for rule in keeping.too_short()
    ]
    found += [
        Evidence(
            f"The rule “{rule.title}” is shorter than the law allows.",
            url=reverse("admin:privacy_rule_change", args=[rule.pk]),
            remedy=LENGTHEN,
        )
        for rule in _too_short()
    ]
    if found:
        return promises.broken("Opt-in logs are not safe.", *found)
    return promises.kept("The ledger has no gap, and no rule is too short.")


def without_a_month(now: dt.datetime) -> Evidence:
    """Events that the scheduler should have filed under their month long ago."""
    count, oldest = months.unfiled()
    waits = bool(oldest and oldest < now)
    return Evidence(
        "Events of the consent ledger without a month, which could never end",
        count if waits else 0,
        remedy=FILE,
    )


def old_months(now: dt.datetime) -> Evidence:
    """Whether months of our own ledger are past their period."""
    return Evidence(
        "Months of the consent ledger past their period",
        len(ending.due(now=now)),
        reverse("admin:consent_ledgermonth_changelist"),
        remedy=END,
    )


def old_messages(now: dt.datetime) -> Evidence:
    return Evidence(
        "Message texts past their period",
        ends.due(keeping.KIND, now=now),
        reverse("admin:consent_keepingrule_changelist"),
        remedy=LET_END,
    )


def old_dealings(now: dt.datetime) -> Evidence:
    return Evidence(
        "Purchases and inquiries past their period",
        ends.due(keeping.DEALINGS, now=now),
        reverse("admin:consent_keepingrule_changelist"),
        remedy=LET_END_DEALINGS,
    )


def old_requests(now: dt.datetime) -> Evidence:
    return Evidence(
        "Do-not-call requests past their period",
        ends.due(keeping.REQUESTS, now=now),
        reverse("admin:consent_keepingrule_changelist"),
        remedy=LET_END_REQUESTS,
    )


def _missing_at_the_end() -> int:
    """The audit trail names the last event; the lines must reach that far."""
    actions = [f"consent.{kind}" for kind in Event.Kind]
    rows = AuditEvent.objects.filter(action__in=actions).order_by("-sequence")
    last = rows.first()
    if last is None:
        return 0
    told = ledger.sealed_in(last)
    held = LedgerLine.objects.order_by("-sequence").values_list("sequence", flat=True)
    return max(0, told - (held.first() or 0))


def _too_short() -> list[Rule]:
    """Rules that remove opt-in logs before the period that they themselves cite."""
    rules = Rule.objects.filter(is_active=True).select_related("table")
    return [
        rule
        for rule in rules
        if (rule.promise_id == LOGS or rule.table.name.startswith(OWN_TABLES))
        and (rule.minimum_months == 0 or rule.months < rule.minimum_months)
    ]


def rates_are_disclosed(now: dt.datetime) -> Outcome:
    """What confirms an opt-in or answers HELP says all it must (CTIA 2023, 5.1.2), and
    what confirms a STOP advertises nothing, in the language of the text."""
    found = [
        Evidence(
            f"{program}: {' '.join(map(' '.join, wrong.values()))}",
            url=reverse("admin:consent_program_change", args=[program.pk]),
            remedy=REWRITE,
        )
        for program in Program.objects.order_by("pk")
        if (wrong := wording.problems(program, now=now))
    ]
    if found:
        return promises.broken(
            "A program's reply text lacks something it must say.", *found
        )
    return promises.kept("Every program's reply texts say what they must.")


def cookies_are_declared(now: dt.datetime) -> Outcome:
    """No page of ours sets a cookie that is not in the register."""
    url = reverse("admin:consent_cookie_changelist")
    found = [
        Evidence(f"{each.route} sets {each.name}.", 1, url, remedy=DECLARE)
        for each in cookies.strays()
    ]
    if found:
        return promises.broken("A page sets an undeclared cookie.", *found)
    return promises.kept("Every cookie that our pages set is in the register.")


def register() -> None:
    endings.ALSO.extend([without_a_month, old_months])
    endings.ALSO.extend([old_messages, old_dealings, old_requests])
    ends.register(keeping.KIND)
    ends.register(keeping.DEALINGS)
    ends.register(keeping.REQUESTS)
    promises.register(stops.STOP)(stops.stop_is_honoured)
    promises.register("marketing-optout")(stops.marketing_can_be_stopped)
    promises.register(frequency.CODE)(frequency.messages_are_few)
    promises.register(HELP)(help_is_answered)
    promises.register(LOGS)(logs_are_kept)
    promises.register("cookies-declared")(cookies_are_declared)
    promises.register("rates-disclosed")(rates_are_disclosed)
