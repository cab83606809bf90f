"""Events from partner systems: one or many, all or none, each once by its key."""

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from consent import ledger, lines, listings, programs
from consent.models import Channel, Event, Standing
from privacy import audit, identifiers
from privacy.identifiers import Mark
from privacy.refusals import Refusal

MOST = 1000
SHOWN = 100
# What evidence may name; whatever a person said goes into `words`, which is sealed.
EVIDENCE = (
    "campaign", "certificate", "form", "key_pressed", "keyword", "language",
    "message", "our_number", "page", "recording", "wording",
)  # fmt: skip
LONGEST_EVIDENCE = {"wording": 4000}
LONGEST = 300
# Personal: sealed beside the words.
ORIGIN = ("ip", "agent")
# What a partner may tell; a release is the platform's own, a correction ours.
KINDS = (
    Event.Kind.OPT_IN,
    Event.Kind.OPT_OUT,
    Event.Kind.HELP,
    Event.Kind.EXPIRY,
    Event.Kind.REASSIGNMENT,
)
# Any of these says how a consent was given; without one it lifts no STOP.
PROOFS = (
    {"wording", "page"}, {"wording", "form"}, {"recording"}, {"certificate"},
    {"keyword", "message"},
)  # fmt: skip
CLAIMED = ":claim"  # after its key, so that the same event with its proof counts
SCOPES = set(Event.Scope.values) - {Event.Scope.MARKETING}
ALIASES = {"rcs": Channel.MMS}


class UnknownKind(Refusal):
    """The kind is one of opt_in, opt_out, help, expiry and reassignment."""


class UnknownSource(Refusal):
    """The source is one of direct, automatic, providers and third_party."""


class BadEvidence(Refusal):
    """Evidence is short texts under campaign, certificate, form, keyword, language,
    message, our_number, page, recording, key_pressed or wording; also ip and agent,
    which are sealed. What a person said goes into words."""


class UnknownScope(Refusal):
    """The scope is sender, program, organization or all; or leave it out."""


class TooMany(Refusal):
    """Send at most 1,000 events at once."""


def take(
    *, told: Sequence[tuple[Mark, Mapping[str, Any]]], by: str, now: dt.datetime
) -> list[tuple[Event, bool]]:
    """Each event, and whether it is new, in their order. One transaction for all. A
    consent without proof after a STOP is recorded as a claim, which decides nothing."""
    if len(told) > MOST:
        raise TooMany
    with transaction.atomic():
        ledger.lock()
        return [_take(mark, said, by=by, now=now) for mark, said in told]


def _take(
    mark: Mark, said: Mapping[str, Any], *, by: str, now: dt.datetime
) -> tuple[Event, bool]:
    said = {**said, "channel": ALIASES.get(said["channel"], said["channel"])}
    _refuse_nonsense(said)
    evidence = dict(said.get("evidence") or {})
    origin = {name: evidence.pop(name) for name in ORIGIN if name in evidence}
    key = said.get("key") or None
    stored = f"{by}:{key}" if key else None
    known = stored and lines.taken([stored])
    organization = said.get("organization", "")
    program = programs.named(said.get("program", ""), organization)
    organization = program.organization if program else organization
    kind = said["kind"]
    if not known and _is_claim(mark, said, evidence, organization, now):
        kind, stored = Event.Kind.CLAIM, stored and stored + CLAIMED
        known = stored and lines.taken([stored])
    event = ledger.record(
        mark=mark,
        kind=kind,
        channel=said["channel"],
        organization=organization,
        program=program,
        scope=said.get("scope", ""),
        source=said.get("source", Event.Source.PROVIDERS),
        route=said.get("route", "api"),
        occurred_at=said.get("occurred_at") or now,
        evidence=evidence,
        words=said.get("words", ""),
        origin=json.dumps(origin) if origin else "",
        idempotency_key=stored,
        by=by,
        now=now,
    )
    if event.kind == Event.Kind.REASSIGNMENT and not known:
        _reassign(mark, event, by, now)
    return event, not known


def _reassign(mark: Mark, event: Event, by: str, now: dt.datetime) -> None:
    source = f"event {event.sequence}"
    listings.reassign(mark=mark, since=event.occurred_at, source=source, by=by, now=now)


def _is_claim(
    mark: Mark,
    said: Mapping[str, Any],
    evidence: Mapping[str, Any],
    organization: str,
    now: dt.datetime,
) -> bool:
    """A consent that says no more than yes, after a STOP that it would lift. The same
    of a list is `imports.CLAIMS`."""
    if said["kind"] != Event.Kind.OPT_IN:
        return False
    given = {name for name, text in evidence.items() if text.strip()}
    if any(proof <= given for proof in PROOFS):
        return False
    reached = ledger.reach(
        kind=said["kind"], channel=said["channel"], mark_kind=mark.kind
    )
    return Standing.objects.filter(
        identifier__kind=mark.kind,
        identifier__digest__in=identifiers.digests(mark),
        state=Standing.State.OPTED_OUT,
        renewed_at__lte=said.get("occurred_at") or now,
        channel__in=reached,
        organization__in=["", organization],
    ).exists()


def _refuse_nonsense(said: Mapping[str, Any]) -> None:
    if said["kind"] not in KINDS:
        raise UnknownKind
    if said["channel"] not in Channel.values:
        raise ledger.WrongChannel
    if said.get("scope", "") not in SCOPES:
        raise UnknownScope
    if said.get("source", Event.Source.PROVIDERS) not in Event.Source.values:
        raise UnknownSource
    for name, value in (said.get("evidence") or {}).items():
        longest = LONGEST_EVIDENCE.get(name, LONGEST)
        short = isinstance(value, str) and len(value) <= longest
        if name not in (*EVIDENCE, *ORIGIN) or not short or "\x00" in value:
            raise BadEvidence


def everything(mark: Mark, *, by: str, now: dt.datetime) -> list[Event]:
    """What this person told us, latest first; the question is recorded."""
    found = list(ledger.told_by(mark))
    _record(found, by, now)
    return found


def history(
    mark: Mark, *, before: int | None, by: str, now: dt.datetime
) -> tuple[list[Event], int | None]:
    """What this person told us, latest knowledge first, and a cursor for the next page;
    the question is recorded."""
    told = ledger.told_by(mark).order_by("-sequence")
    told = told.filter(sequence__lt=before) if before else told
    found = list(told[: SHOWN + 1])
    _record(found, by, now)
    more = found[SHOWN - 1].sequence if len(found) > SHOWN else None
    return found[:SHOWN], more


def _record(found: Sequence[Event], by: str, now: dt.datetime) -> None:
    audit.record(
        action="consent.history_read",
        subject=f"identifier:{found[0].identifier_id if found else 'unknown'}",
        by=by,
        now=now,
    )
