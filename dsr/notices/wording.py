"""The text of a letter, filled in from the ticket, in its reader's language."""

from typing import Any

from django.conf import settings
from django.utils.formats import date_format

from dsr import deadlines, languages, links, recipients, translations
from dsr.fulfilment import FULFILMENTS, Way
from dsr.models import DeadlineRule, Package, Right, Ticket, Withheld
from privacy import erasure, leftovers
from privacy.models import Category, Column, Plan

UNTOUCHED = ("keep", "disclose")
IN_THE_REASON = "OTHER"
GONE = ("delete", "deidentify")


def facts(ticket: Ticket, language: str) -> dict[str, Any]:
    """For the templates; every string is complete, in `language`."""
    said = ticket.plan.summary if ticket.plan else {"tables": []}
    tables = said["tables"]
    ended = [each for each in tables if each["action"] not in UNTOUCHED]
    done = _done(ticket)
    gone = [each for each in done if each["action"] in GONE]
    words = languages.group(language, "right")
    return {
        "language": language,
        "ticket": ticket,
        "asked_on": _day(ticket.received_at),
        "due": _day(ticket.due_date),
        "right": words[ticket.right],
        **_outcome(ticket, language),
        "why": ticket.decision.removesuffix(recipients.left(ticket)),
        "ended": [_line(each, language) for each in summed(gone)],
        "redacted": [
            _line(each, language)
            for each in summed([each for each in done if each not in gone])
        ],
        "corrected": [
            _line(each, language) + _fields(each, language) for each in ended
        ],
        "kept": [_kept(t, language) for t in tables if t["action"] == "keep"],
        "withheld": said.get("withheld", 0),
        **_copied(ticket, tables, language),
        "ground": _ground(ticket, language),
        "parts": [_part(each, language) for each in ticket.withheld.all()],
        "is_clean": _is_clean(ticket),
        "is_looked_at": _is_looked_at(ticket),
        "remedies": remedies(ticket, language),
        "recipients": recipients.sentences(ticket, language),
        "categories": _categories(ticket, language),
        "address": settings.DEFAULT_FROM_EMAIL,
        "link": links.address_of(ticket),
        "policy": f"{settings.PUBLIC_URL}/privacy?lang={language}",
    }


def _outcome(ticket: Ticket, language: str) -> dict[str, Any]:
    fulfilment = FULFILMENTS[ticket.right]
    return {
        "is_partial": ticket.outcome == Ticket.Outcome.PART,
        "is_denied": ticket.outcome == Ticket.Outcome.DENIED,
        "is_weighed": fulfilment.way is Way.JUDGED,
        "is_opinion": fulfilment.letter == "judged",
        "effect": languages.group(language, "effect").get(ticket.right, ""),
    }


def _day(on: Any) -> str:
    return str(date_format(on, "DATE_FORMAT"))


def _copied(
    ticket: Ticket, tables: list[dict[str, Any]], language: str
) -> dict[str, Any]:
    """What is in the copy, of the stores and of the portal's own records, and the last
    day on which it can be downloaded."""
    package = Package.objects.filter(ticket=ticket).only("expires_at", "own").first()
    given = [_line(t, language) for t in tables if t["action"] == "disclose"]
    if package is None:
        return {"given": given, "until": ""}
    titles = languages.group(language, "own")
    own = [{"title": titles[name], "rows": rows} for name, rows in package.own.items()]
    given += [_line(each, language) for each in own]
    return {"given": given, "until": _day(package.expires_at)}


def summed(tables: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each table once, whatever was done to which of its rows."""
    found: dict[str, dict[str, Any]] = {}
    for each in tables:
        before = found.setdefault(each["table"], {**each, "rows": 0})
        before["rows"] += each["rows"]
    return list(found.values())


def _done(ticket: Ticket) -> list[dict[str, Any]]:
    """What an erasure changed, as the certificate counts it, and no more."""
    plan = ticket.plan
    if plan is None or plan.kind != Plan.Kind.ERASURE:
        return []
    titles = {said["table"]: said["title"] for said in plan.summary["tables"]}
    return [
        {**each, "title": titles[each["table"]], "rows": each["ended"]}
        for each in erasure.ended(plan)
        if each["ended"]
    ]


def _line(said: dict[str, Any], language: str) -> str:
    title = translations.of(language, said["title"] or said["table"])
    name = "notice.row" if said["rows"] == 1 else "notice.rows"
    rows = languages.say(language, name, number=said["rows"])
    return languages.say(language, "notice.line", title=title, rows=rows)


def _kept(said: dict[str, Any], language: str) -> str:
    ground = translations.of(language, said["ground"])
    return f"{_line(said, language)}. {ground}."


def _fields(said: dict[str, Any], language: str) -> str:
    """Names of columns, as words: “birth date”."""
    names = [
        translations.of(language, each["name"].rpartition(".")[2].replace("_", " "))
        for each in said["fields"]
    ]
    return f" ({', '.join(names)})" if names else ""


def _ground(ticket: Ticket, language: str) -> str:
    """With its citation; empty where the reason itself says it."""
    ground = ticket.ground
    if ground is None or ground.code == IN_THE_REASON:
        return ""
    title = translations.of(language, ground.title)
    return f"{title} ({translations.of(language, ground.citation)})"


def _part(part: Withheld, language: str) -> str:
    title = translations.of(language, part.ground.title)
    where = translations.of(language, part.ground.citation)
    return f"{translations.of(language, part.what)}. {title} ({where})."


def _is_clean(ticket: Ticket) -> bool:
    """Whether the search afterwards found no copy of a number or address at all."""
    found = ticket.plan.residue if ticket.plan else None
    return not (found and found.get("found"))


def _is_looked_at(ticket: Ticket) -> bool:
    """Whether it found places about which a person must still decide."""
    return ticket.plan is not None and leftovers.waiting(ticket.plan).exists()


def _categories(ticket: Ticket, language: str) -> list[str]:
    """A person who could not be verified is answered as if they had asked for
    categories, and referred to the policy (11 CCR 7024(a)-(b))."""
    unsure = ticket.ground is not None and ticket.ground.code == "ID_FAIL"
    if ticket.regime != "US-CA" or ticket.right != Right.ACCESS or not unsure:
        return []
    used = Column.objects.exclude(category=None).values("category")
    found = Category.objects.filter(pk__in=used)
    return [translations.of(language, str(each)) for each in found]


# --- what can be done against it ----------------------------------------------------
def remedies(ticket: Ticket, language: str) -> list[str]:
    """Appeal, authority, court: what the ticket's law provides, and only that. What was
    taken back was not decided."""
    if ticket.status == Ticket.Status.WITHDRAWN:
        return []
    words = languages.group(language, "remedy")
    appeal = _appeal(ticket)
    if appeal is not None:
        where = links.address_of(ticket)
        how = words["appeal_page"].format(link=where) if where else words["appeal_mail"]
        unit = words[f"unit_{appeal.unit}"]
        within = words["appeal_within"].format(quantity=appeal.quantity, unit=unit)
        return [f"{how} {within}"]
    if ticket.regime.startswith("US-") and ticket.right == Right.APPEAL:
        return [words["attorney_general"]]
    return [words.get(ticket.regime, words["other"])]


def _appeal(ticket: Ticket) -> DeadlineRule | None:
    """Where the law provides one; there is none against an appeal."""
    on = deadlines.day_of(ticket.closed_at or ticket.opened_at)
    if ticket.right == Right.APPEAL:
        return None
    rules = deadlines.rules_at(on).filter(regime=ticket.regime, right=Right.APPEAL)
    return rules.first()
