"""Which programs does a STOP end? One question with the confirmation, and its answer.

The one confirmation may ask a person who consented to several programs which of them
were meant; no answer means all of them (47 CFR 64.1200(a)(12)). So the STOP ends all at
once, and an answer brings back what was consented to before, and nothing else.
"""

import datetime as dt
import re
from dataclasses import dataclass

from consent import check, ledger, scopes
from consent.carriers.base import Message
from consent.honour import What, Window
from consent.keywords import Meaning
from consent.models import Channel, Event, InboundMessage, Program
from privacy.identifiers import Mark
from privacy.models import Identifier

MOST = 9  # programs of a sender; with more nothing is asked
NUMBERS = re.compile(r"(?:\d|[\s,;.+&/#])+")
MEANING = Meaning(InboundMessage.Meaning.OPT_IN, "tcpa.clarify")
Kind = Event.Kind


# --- the question -------------------------------------------------------------------
def choices(mark: Mark, program: Program | None, now: dt.datetime) -> list[Program]:
    """What to ask about after a STOP to this program that is not recorded yet: the
    sender's programs that it ends and that the person consented to; empty unless there
    are several."""
    if program is None or not program.clarify_text:
        return []
    day = now.astimezone(dt.UTC).date()
    ended = scopes.now().ended(program.pk, program.organization, day)
    if scopes.WHOLE not in ended:
        return []
    programs = Program.objects.filter(organization=program.organization, exemption="")
    offered = list(programs.order_by("pk")[: MOST + 1])
    if not 1 < len(offered) <= MOST:
        return []
    found = [each for each in offered if _has(mark, each, now)]
    return found if len(found) > 1 else []


def _has(mark: Mark, program: Program, now: dt.datetime) -> bool:
    answer = check.may_contact(
        mark,
        channel=Channel.SMS,
        organization=program.organization,
        program=program.name,
        now=now,
    )
    return answer.reason == "opted_in"


def question(program: Program, asked: list[Program]) -> str:
    """“Reply 1 for Alerts, 2 for Offers”, in the program's own words."""
    named = ", ".join(f"{n} = {each}" for n, each in enumerate(asked, 1))
    return program.clarify_text.replace(Program.CHOICES, named)


def asked_about(asked: list[Program]) -> dict[str, str]:
    """For the evidence of the STOP: which programs, in the order of their numbers."""
    return {"asked": ",".join(str(each.pk) for each in asked)} if asked else {}


# --- the answer ---------------------------------------------------------------------
@dataclass(frozen=True)
class Answer:
    """What the person wants to keep, after which STOP."""

    stop: Event
    programs: list[Program]


def answer(message: Message, person: Identifier, at: dt.datetime) -> Answer | None:
    """None unless it is numbers of the question that the person was last asked, soon
    enough (`clarify_window`), at the number of ours that asked."""
    numbers = _numbers(message.text)
    stop = _asked(message, person) if numbers else None
    if stop is None or at - stop.occurred_at > Window(What.CLARIFY).at(
        stop.occurred_at
    ):
        return None
    asked = [int(pk) for pk in stop.evidence["asked"].split(",")]
    of_sender = Program.objects.filter(organization=stop.organization)
    known = of_sender.in_bulk(asked)
    wanted = [known.get(pk) for n, pk in enumerate(asked, 1) if n in numbers]
    if max(numbers) > len(asked) or None in wanted:
        return None
    return Answer(stop, [each for each in wanted if each])


def _numbers(text: str) -> set[int]:
    if len(text) > 4 * MOST or not NUMBERS.fullmatch(text):
        return set()
    return {int(each) for each in re.findall(r"\d+", text)} - {0}


def _asked(message: Message, person: Identifier) -> Event | None:
    """The STOP, if the person said nothing else about consent since."""
    told = Event.objects.filter(identifier=person).exclude(kind=Kind.HELP)
    last = told.order_by("-occurred_at", "-sequence").first()
    if last is None or "asked" not in last.evidence:
        return None
    is_here = last.evidence["our_number"] == message.recipient
    return last if is_here and last.kind == Kind.OPT_OUT else None


def keep(
    given: Answer,
    message: Message,
    person: Identifier,
    key: str,
    *,
    at: dt.datetime,
    now: dt.datetime,
) -> None:
    """Consent to each program that was named, in the caller's transaction, which holds
    the ledger's lock. The question is kept as the wording."""
    asked = InboundMessage.objects.filter(
        carrier=given.stop.route, carrier_message_id=given.stop.evidence["message"]
    )
    evidence = {
        "message": message.carrier_message_id,
        "rule": MEANING.rule,
        "our_number": message.recipient,
        "clarifies": str(given.stop.sequence),
        "wording": asked.values_list("reply", flat=True).first() or "",
    }
    for place, program in enumerate(given.programs):
        ledger.enter(
            person=person,
            kind=Kind.OPT_IN,
            channel=message.channel,
            organization=program.organization,
            program=program,
            scope=Event.Scope.PROGRAM,
            source=Event.Source.DIRECT,
            route=message.carrier,
            occurred_at=at,
            idempotency_key=f"{key}:{place}" if place else key,
            evidence=evidence,
            by=f"carrier:{message.carrier}",
            now=now,
        )
