"""Why we may or may not contact a person, in one sentence for laypeople."""

import datetime as dt
from collections.abc import Sequence

import phonenumbers

from consent import programs, scopes
from consent.models import Channel, Event, Program
from consent.standings import PLATFORM, Turn

VERBS = {Channel.VOICE: "call", Channel.EMAIL: "e-mail"}
ROUTES = {
    "support": "by telling support",
    "rnd": "according to the Reassigned Numbers Database",
    "import": "according to an imported list",
    "web": "on the web",
    "expiry": "because nobody renewed it",
    "gpc": "by their browser's Global Privacy Control",
    "platform": "through the platform",
    "carried": "by another number of theirs",
    "request": "in a privacy request",
}

Given = tuple[Turn, dt.datetime | None]  # a consent, and when it ends
NAMED = 3  # senders in one sentence; the history has the rest

# What stands against contact beside what the person said.
AGAINST = {
    "objected": "they forbade us to use their data like this",
    "restricted": "they asked us to keep their data but not use it",
    "reassigned": "the number now belongs to another person",
    "do_not_call": "the number is on a do-not-call list",
    "held_for_review": "a message from them is unclear, and a person has to read it "
    "first",
    "frequency_cap": "they have had as many messages as they may get",
    "frequency_unknown": "it is not known how many messages they have had",
    "quiet_hours": "it is too early, too late or a day without calls where they are",
}


def sentence(
    reason: str,
    channel: str,
    turn: Turn | None,
    *,
    since: dt.datetime | None = None,
    until: dt.datetime | None = None,
    rule: str = "",
    others: Sequence[Given] | None = (),
) -> str:
    """Without the person's number or address: whoever asked knows it. `others` are
    further consents, each with its end; None where one sender was asked for."""
    verb, ends = VERBS.get(Channel(channel), "text"), _until(until)
    if reason == "no_consent_on_record":
        return f"No — do not {verb} for marketing: no consent is on record."
    if reason == "consent_ended":
        ended = f" on {moment(since)}" if since else ""
        why = f"their consent ended{ended}, because nobody renewed it"
        return f"No — do not {verb} for marketing: {why}."
    if reason == "no_consent_needed":
        return f"Yes — you may {verb} for service: nobody told us to stop."
    if reason == "implied_consent":
        return f"Yes — you may {verb}{ends}: they bought or asked here ({rule})."
    if reason in AGAINST:
        why = f"{AGAINST[reason]} ({rule})" if rule else AGAINST[reason]
        return f"No — do not {verb}{ends}: {why}."
    if reason == "opted_in" and turn and turn.event.organization:
        only = "" if others is None else ", and for nobody else"
        return _yes_for(verb, [(turn, until), *(others or ())], only)
    verdict = "Yes — you may" if reason == "opted_in" else "No — do not"
    verdict = f"{verdict} {verb}{ends}."
    return f"{verdict} {how(turn.event, turn.part)}" if turn else verdict


def _yes_for(verb: str, given: Sequence[Given], only: str) -> str:
    """A consent given to one sender is nobody else's, and each has its own end."""
    named = [f"{_until(end)} for {_whom(turn.event, turn.part)}" for turn, end in given]
    if more := len(named[NAMED:]):
        named = [*named[:NAMED], f" for {more} more in the history"]
    did = "; ".join(_did(given[0][0].event))
    latest = f"The latest: {did[0].lower()}{did[1:]}" if len(given) > 1 else did
    if not all(turn.event.organization for turn, _ in given):
        only = ""
    return f"Yes — you may {verb}{','.join(named)}{only}. {latest}."


def _until(end: dt.datetime | None) -> str:
    return f" until {moment(end)}" if end else ""


def how(event: Event, part: str | None = None) -> str:
    """What the person did, when, by which message, and whom it binds: the part of the
    sender, or what the person chose."""
    parts = _did(event)
    if event.covers:
        parts.append(_whom(event, _chosen(event) if part is None else part))
    return "; ".join(parts) + "."


def _did(event: Event) -> list[str]:
    parts = [f"{event.get_kind_display()} {_by(event)} on {moment(event.occurred_at)}"]
    if message := event.evidence.get("message"):
        parts.append(f"message {message}")
    return parts


def _by(event: Event) -> str:
    evidence = event.evidence
    if pressed := evidence.get("key_pressed"):
        return f"by pressing {pressed} in a call"
    if first := evidence.get("carries"):
        return f"{ROUTES[event.route]} (event {first})"
    if "corrects" in evidence:
        return f"of event {evidence['corrects']}, which no longer counts,"
    if not evidence.get("our_number"):
        return ROUTES.get(event.route, f"through {event.route}")
    word = evidence.get("keyword")
    replying = f"by replying “{word.upper()}” to" if word else "by a message to"
    return f"{replying} {number(evidence['our_number'])}"


def _chosen(event: Event) -> str:
    if event.scope == Event.Scope.PROGRAM:
        return scopes.part_of(event.program_id)
    if event.scope == Event.Scope.MARKETING:
        return scopes.MARKETING
    if scopes.is_for_service(event):
        return scopes.SERVICE
    is_number = event.scope == Event.Scope.SENDER
    return str(event.evidence.get("our_number", "")) if is_number else scopes.WHOLE


def _whom(event: Event, part: str) -> str:
    if not event.organization:
        is_marketing = part == scopes.MARKETING
        return "marketing of every sender" if is_marketing else "every sender"
    name = getattr(event, "sender_name", None) or programs.sender(event.organization)
    return named(part, name)


def named(part: str, sender: str) -> str:
    """A part of a sender, in words."""
    if number_of_program := scopes.program_in(part):
        program = Program.objects.filter(pk=number_of_program).first()
        return f"the program {program} alone" if program else "one program alone"
    whole = {
        scopes.WHOLE: "every program",
        scopes.EXEMPTED: "every exempted program",
        scopes.MARKETING: "marketing",
        scopes.SERVICE: "service messages",
    }
    return f"{whole.get(part, f'the number {number(part)}')} of {sender}"


def because(event: Event, known: scopes.Scopes) -> str:
    """How far a STOP reaches, and which rule says so; empty where that is obvious."""
    if event.kind != Event.Kind.OPT_OUT or not event.organization:
        return ""
    sender = programs.sender(event.organization)
    ended = " and ".join(named(part, sender) for part in known.parts(event))
    spared = scopes.EXEMPTED not in known.parts(event)
    has_exempted = scopes.EXEMPTED in known.whole(event.organization)
    is_bare = event.scope != Event.Scope.MARKETING
    spares = spared and has_exempted and is_bare
    but = ", but no other exempted program" if spares else ""
    return f"It ends {ended}{but}, because {_ground(event, known)}"


def _ground(event: Event, known: scopes.Scopes) -> str:
    if event.scope == Event.Scope.MARKETING and event.route == PLATFORM:
        return (
            "the platform suppressed an id that records of several people have. "
            "Service messages to this number continue."
        )
    if event.scope == Event.Scope.MARKETING:
        return (
            "the person said so from another number: one record holds both numbers, "
            "and nobody else's record holds either. Service messages to this number "
            "continue."
        )
    if event.scope:
        return "the person chose that."
    rule = scopes.rule_of(event, known)
    if rule:
        return f"of this rule: {rule.sentence} ({rule.citation})"
    if event.program_id:
        return "no rule in force that day limits it."
    return "it does not reply to any one program's message."


def number(text: str) -> str:
    """+12025550100 as +1 202 555 0100; a short code unchanged."""
    if not text.startswith("+"):
        return text
    international = phonenumbers.PhoneNumberFormat.INTERNATIONAL
    spaced = phonenumbers.format_number(phonenumbers.parse(text), international)
    return spaced.replace("-", " ")


def moment(at: dt.datetime) -> str:
    """2 March 2026, 09:14 UTC."""
    at = at.astimezone(dt.UTC)
    return f"{at.day} {at:%B %Y, %H:%M} UTC"
