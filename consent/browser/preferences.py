"""The preference centre: a person's own choices, behind a signed address.

The address names a row, never the person; it needs no account and does not expire (CASL
s.11 requires sixty days; CRTC 2012-548 forbids a log-in). Whoever has it may stop
messages, and may receive them again only after agreeing to the words of consent that 47
CFR 64.1200(f)(9) requires.
"""

import datetime as dt
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.core import signing
from django.db import transaction

from consent import check, ledger, standings
from consent.browser.words import words
from consent.models import Channel, Event, Program
from privacy import audit, identifiers
from privacy.identifiers import Mark
from privacy.models import Identifier
from privacy.refusals import Refusal

SALT = "consent.preferences"
BY = "person"
# What a person chooses by one tick: the channel it is called by, and what it covers.
GROUPS: dict[str, dict[str, tuple[str, ...]]] = {
    Identifier.Kind.PHONE: {
        Channel.SMS: ledger.TEXTS,
        Channel.VOICE: (Channel.VOICE,),
    },
    Identifier.Kind.EMAIL: {Channel.EMAIL: (Channel.EMAIL,)},
}


class BadLink(Refusal):
    """This link does not open anything. It may be mistyped."""


class ConsentNeeded(Refusal):
    """To get messages again, tick the consent statement too."""


@dataclass(frozen=True)
class Choice:
    """One sender, or one program of a sender that has several, and one channel;
    `wording` is the consent statement of an opt-in."""

    organization: str
    channel: str
    sender: str
    is_on: bool
    wording: str
    program: Program | None = None

    @property
    def name(self) -> str:
        part = f".{self.program.pk}" if self.program else ""
        return f"{self.channel}.{self.organization}{part}"

    @property
    def scope(self) -> str:
        if self.program:
            return Event.Scope.PROGRAM
        return Event.Scope.ORGANIZATION if self.organization else Event.Scope.ALL


def address(identifier: Identifier) -> str:
    token = signing.Signer(salt=SALT).sign(str(identifier.pk))
    return f"{settings.PUBLIC_URL}/privacy/preferences/{token}"


def offer(*, mark: Mark, by: str, now: dt.datetime) -> str:
    """The address for staff to send to the person; making it is recorded."""
    with transaction.atomic():
        row = identifiers.keep(mark, now=now)
        audit.record(
            action="preferences.offered", subject=f"identifier:{row.pk}", by=by, now=now
        )
    return address(row)


def open_link(token: str) -> Identifier:
    """Raises `BadLink`, also for a person whose value was erased."""
    try:
        number = int(signing.Signer(salt=SALT).unsign(token))
    except (signing.BadSignature, ValueError):
        raise BadLink from None
    row = Identifier.objects.filter(pk=number, erased_at=None, kind__in=GROUPS).first()
    if row is None:
        raise BadLink
    return row


def choices(identifier: Identifier, language: str, now: dt.datetime) -> list[Choice]:
    """Every sender that this person has told something, with each of its programs and
    every channel."""
    mark = identifiers.value(identifier)
    groups = GROUPS[identifier.kind]
    turns = standings.fold(ledger.told_by(mark))
    return [
        _choice(mark, organization, program, channel, language, now)
        for organization in sorted(
            {t.organization for t in turns if t.channel in groups}
        )
        for program in _to_choose_from(organization)
        for channel in groups
    ]


def _to_choose_from(organization: str) -> Sequence[Program | None]:
    """The programs of a sender that has several; otherwise the sender as a whole."""
    programs = list(Program.objects.filter(organization=organization).order_by("pk"))
    return programs if organization and len(programs) > 1 else [None]


def _choice(
    mark: Mark,
    organization: str,
    program: Program | None,
    channel: str,
    language: str,
    now: dt.datetime,
) -> Choice:
    answer = check.may_contact(
        mark,
        channel=channel,
        organization=organization,
        program=program.name if program else "",
        now=now,
    )
    about = program or _program(organization)
    sender = about.name if about else organization or words(language)["all_senders"]
    wording = _wording(about, channel, language)
    return Choice(organization, channel, sender, answer.allowed, wording, program)


def _program(organization: str) -> Program | None:
    return Program.objects.filter(organization=organization).order_by("pk").first()


def _wording(program: Program | None, channel: str, language: str) -> str:
    """Empty for a sender without a program: nobody wrote its consent statement."""
    if program is None:
        return ""
    said = words(language)
    return said["consent"].format(
        sender=program.name, channel=said[channel], text=program.opt_in_text
    )


def save(
    *,
    identifier: Identifier,
    wanted: Collection[str],
    agreed: Collection[str],
    language: str,
    now: dt.datetime,
    origin: Mapping[str, str] | None = None,
) -> int:
    """Returns how many choices changed. `wanted` and `agreed` are names of choices;
    `origin`, the address and browser they come from, is evidence of an opt-in.

    Raises `ConsentNeeded` before anything is changed.
    """
    offered = choices(identifier, language, now)
    changed = [c for c in offered if c.is_on != (c.name in wanted)]
    for choice in changed:
        if not choice.is_on and not (choice.wording and choice.name in agreed):
            raise ConsentNeeded
    mark = identifiers.value(identifier)
    for choice in changed:
        _record(mark, choice, language, origin or {}, now)
    return len(changed)


def _record(
    mark: Mark,
    choice: Choice,
    language: str,
    origin: Mapping[str, str],
    now: dt.datetime,
) -> None:
    evidence = {"form": "preferences", "page": f"/privacy/preferences?lang={language}"}
    if not choice.is_on:
        evidence["wording"] = choice.wording
    ledger.record(
        mark=mark,
        kind=Event.Kind.OPT_OUT if choice.is_on else Event.Kind.OPT_IN,
        channel=Channel.WEB,
        covers=GROUPS[mark.kind][choice.channel],
        organization=choice.organization,
        program=choice.program or _program(choice.organization),
        scope=choice.scope,
        source=Event.Source.DIRECT,
        route="web",
        occurred_at=now,
        evidence=evidence,
        origin=json.dumps(dict(origin)) if origin and not choice.is_on else "",
        by=BY,
        now=now,
    )


def stop_all(*, identifier: Identifier, now: dt.datetime) -> None:
    """From every sender, including each that the person opted in to."""
    mark = identifiers.value(identifier)
    covers = [c for each in GROUPS[mark.kind].values() for c in each]
    for organization in {"", *_organizations(mark)}:
        ledger.record(
            mark=mark,
            kind=Event.Kind.OPT_OUT,
            channel=Channel.WEB,
            covers=covers,
            organization=organization,
            scope=Event.Scope.ORGANIZATION if organization else Event.Scope.ALL,
            source=Event.Source.DIRECT,
            route="web",
            occurred_at=now,
            evidence={"form": "preferences", "rule": "stop everything"},
            by=BY,
            now=now,
        )


def _organizations(mark: Mark) -> set[str]:
    return set(ledger.told_by(mark).values_list("organization", flat=True).order_by())


def heading(identifier: Identifier, said: Mapping[str, str]) -> str:
    return said["intro"].format(who=identifier.hint)
