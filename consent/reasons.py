"""Why we may or may not contact a person, in one sentence a layman understands."""

import datetime as dt

import phonenumbers

from consent import programs
from consent.models import Channel, Event
from consent.standings import Turn

VERBS = {Channel.VOICE: "call", Channel.EMAIL: "e-mail"}
ROUTES = {
    "support": "by telling support",
    "import": "according to an imported list",
    "web": "on the web",
    "expiry": "because nobody renewed it",
    "gpc": "by their browser's Global Privacy Control",
    "platform": "through the platform",
}

# What stands against contact beside what the person said.
AGAINST = {
    "restricted": "they asked us to keep their data and do nothing else with it",
    "reassigned": "the number now belongs to another person",
    "do_not_call": "the number is on a do-not-call list",
    "held_for_review": "a message of theirs is unclear, and a person has to read it",
    "frequency_cap": "they have had as many messages as they may get",
    "frequency_unknown": "nobody can say how many messages they have had",
    "quiet_hours": "it is too early, too late or a day of rest where they are",
}


def sentence(
    reason: str,
    channel: str,
    turn: Turn | None,
    *,
    until: dt.datetime | None = None,
    rule: str = "",
) -> str:
    """Without the person's number or address: the one who asked knows it."""
    verb = VERBS.get(Channel(channel), "text")
    if reason == "no_consent_on_record":
        return f"No — do not {verb} marketing: no consent is on record."
    if reason == "no_consent_needed":
        return f"Yes — you may {verb} service messages: nobody told us to stop."
    if reason in AGAINST:
        ends = f" until {moment(until)}" if until else ""
        why = f"{AGAINST[reason]} ({rule})" if rule else AGAINST[reason]
        return f"No — do not {verb}{ends}: {why}."
    verdict = (
        f"Yes — you may {verb}." if reason == "opted_in" else f"No — do not {verb}."
    )
    return f"{verdict} {how(turn.event)}" if turn else verdict


def how(event: Event) -> str:
    """What the person did, when, by which message, and whom it binds."""
    did = event.get_kind_display()
    parts = [f"{did} {_by(event)} on {moment(event.occurred_at)}"]
    if message := event.evidence.get("message"):
        parts.append(f"message {message}")
    if event.covers:
        parts.append(_whom(event))
    return "; ".join(parts) + "."


def _by(event: Event) -> str:
    evidence = event.evidence
    if pressed := evidence.get("key_pressed"):
        return f"by pressing {pressed} in a call"
    if "corrects" in evidence:
        return f"of event {evidence['corrects']}, which counts no more,"
    if not evidence.get("our_number"):
        return ROUTES.get(event.route, f"through {event.route}")
    word = evidence.get("keyword")
    replying = f"by replying “{word.upper()}” to" if word else "by a message to"
    return f"{replying} {number(evidence['our_number'])}"


def _whom(event: Event) -> str:
    if not event.organization:
        return "every sender"
    name = getattr(event, "sender_name", None) or programs.sender(event.organization)
    return f"every program of {name}"


def number(text: str) -> str:
    """+12025550100 as +1 202 555 0100; a short code as it is."""
    if not text.startswith("+"):
        return text
    international = phonenumbers.PhoneNumberFormat.INTERNATIONAL
    spaced = phonenumbers.format_number(phonenumbers.parse(text), international)
    return spaced.replace("-", " ")


def moment(at: dt.datetime) -> str:
    """2 March 2026, 09:14 UTC."""
    at = at.astimezone(dt.UTC)
    return f"{at.day} {at:%B %Y, %H:%M} UTC"
