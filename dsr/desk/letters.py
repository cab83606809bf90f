"""Letter templates with placeholders, filled in from the ticket.

A placeholder that the ticket has no fact for is refused by name; nothing is sent with a
gap.
"""

import datetime as dt
import json
from pathlib import Path
from string import Formatter

import yaml
from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.formats import date_format

from dsr import deadlines, languages, links, notices, translations
from dsr.models import Letter, Request, Ticket
from privacy.refusals import Refusal

FILE = Path(__file__).resolve().parents[1] / "rules" / "letters.yaml"
PLACES = {
    "reference": "the reference of the request",
    "rights": "what was asked, in plain words",
    "received": "the day we received it",
    "due": "the day by which we answer",
    "extended": "the due date after an extension",
    "law": "the law it is answered under",
    "link": "the address of the request page",
    "name": "the name that the person gave",
    "ground": "the ground for what was not done",
    "address": "where they can write to us",
    "today": "today",
}


class UnknownPlace(Refusal):
    """A letter may only use placeholders that we can fill in."""


class NoSuchLetter(Refusal):
    """There is no such letter, in their language or in English."""


class MissingFact(Refusal):
    """The letter needs a fact that the request does not have."""


def of(*, code: str, language: str) -> Letter:
    """In the reader's language, else in English."""
    found = Letter.objects.filter(code=code, language__in=[language, "en"])
    letter = sorted(found, key=lambda each: each.language != language)[:1]
    if not letter:
        raise NoSuchLetter
    return letter[0]


def places(text: str) -> list[str]:
    """The names in braces. Raises `UnknownPlace` for one that nobody can fill in."""
    try:
        names = [name for _, name, _, _ in Formatter().parse(text) if name is not None]
    except ValueError:
        raise UnknownPlace(
            "A brace is unmatched; write {{ for a literal brace."
        ) from None
    for name in names:
        if name not in PLACES:
            known = ", ".join(f"{{{each}}}" for each in PLACES)
            raise UnknownPlace(f"There is no {{{name}}}; there are {known}.")
    return names


def filled(*, letter: Letter, ticket: Ticket, now: dt.datetime) -> str:
    """The text with its facts. Raises `MissingFact` with the fact's name."""
    known = facts(ticket, letter.language, now)
    for name in places(letter.text):
        if not known.get(name):
            raise MissingFact(
                f"{ticket} has no {PLACES[name]}, which the letter needs."
            )
    return letter.text.format_map(known)


def facts(ticket: Ticket, language: str, now: dt.datetime) -> dict[str, str]:
    rights = languages.group(languages.known(language), "right")
    tickets = ticket.request.tickets.order_by("pk")
    came = Request.objects.get(pk=ticket.request_id)
    said = json.loads(came.requester.open()) if came.requester else {}

    def day(date: dt.date | dt.datetime | None) -> str:
        return str(date_format(date, "DATE_FORMAT")) if date else ""

    with translation.override(language):
        return {
            "reference": str(ticket),
            "rights": "\n".join(f"- {rights[each.right]}" for each in tickets),
            "received": day(ticket.received_at),
            "due": day(ticket.due_date),
            "extended": day(ticket.extended_date) if ticket.extended_at else "",
            "law": _law(ticket, language),
            "link": links.address_of(ticket) or _new_page(ticket, language, now),
            "name": str(said.get("name", "")),
            "ground": translations.of(language, ticket.ground.title)
            if ticket.ground
            else "",
            "address": settings.DEFAULT_FROM_EMAIL,
            "today": day(now),
        }


def _law(ticket: Ticket, language: str) -> str:
    """By its name: a code would mean nothing to the reader."""
    laws = dict(deadlines.regimes(on=deadlines.day_of(ticket.received_at)))
    return translations.of(language, laws.get(ticket.regime, ticket.regime))


def _new_page(ticket: Ticket, language: str, now: dt.datetime) -> str:
    """A person who asked by mail gets a page too, unless we have no address to write
    to."""
    if not notices.address_of(ticket):
        return ""
    return links.address(links.make(ticket=ticket, language=language, now=now))


def load() -> int:
    """Adds the letters of the file that are not rows yet; what staff changed stays."""
    rows = [
        Letter(
            code=said["code"],
            language=language,
            title=said["title"],
            text=text.strip(),
        )
        for said in yaml.safe_load(FILE.read_text())
        for language, text in said["texts"].items()
    ]
    with transaction.atomic():
        before = Letter.objects.count()
        Letter.objects.bulk_create(rows, ignore_conflicts=True)
        return Letter.objects.count() - before
