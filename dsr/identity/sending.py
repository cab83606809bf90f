"""What workers do for proofs: send codes, receive texts, look up whose an address is.

A row is claimed by marking it sent before its letter is handed over: if a worker dies
in between, or a mail server falls silent, the person asks again; nobody gets a code
twice. A letter that the mail server refused may be sent again.
"""

import datetime as dt
import logging

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction

from consent import check
from consent.models import InboundMessage
from dsr import languages, links, texting, tickets
from dsr.identity import asking, onfile, reaching, rules, settling
from dsr.models import Proof, Ticket
from privacy import handing, identifiers
from privacy.identifiers import Kind, Mark

log = logging.getLogger(__name__)
Method, State = Proof.Method, Proof.State


def send_waiting(*, now: dt.datetime) -> int:
    """Codes and links that were asked for and not sent yet."""
    waiting = Proof.objects.filter(
        state=State.ASKED, sent_at=None, expires_at__gt=now
    ).exclude(method=Method.TEXT_IN)
    return sum(_send(proof, now) for proof in waiting.select_related("ticket"))


def _send(proof: Proof, now: dt.datetime) -> bool:
    claimed = Proof.objects.filter(pk=proof.pk, sent_at=None).update(sent_at=now)
    if not claimed or proof.code is None or _too_often(proof, now):
        return False
    mark = reaching.mark_of(proof.identifier, proof.ticket)
    if mark is None:
        return False
    if proof.method == Method.MAIL:
        return _mail(proof, "code", mark.value, code=proof.code.open())
    known = onfile.look(mark, at=now)
    if proof.method == Method.ON_FILE:
        where = f"{settings.PUBLIC_URL}/privacy/confirm/{proof.code.open()}"
        one = [m.value for m in known.emails] if len(known.emails) == 1 else []
        return any([_mail(proof, "on_file", address, link=where) for address in one])
    if not known.is_known or check.is_stopped(mark, ""):
        return False
    return texting.send(mark, _say(proof, "text", code=proof.code.open()))


def _too_often(proof: Proof, now: dt.datetime) -> bool:
    """Counted for the recipient across all requests: nobody is flooded with codes."""
    others = Proof.objects.filter(
        identifier=proof.identifier, asked_at__gt=now - dt.timedelta(days=1)
    ).exclude(pk=proof.pk)
    limit = rules.limit("proofs_of_an_address_in_a_day")
    return others.filter(sent_at__isnull=False).count() >= limit


def _mail(proof: Proof, name: str, address: str, **values: str) -> bool:
    subject = _say(proof, f"{name}_subject")
    mail = EmailMessage(
        subject, _say(proof, name, **values), settings.DEFAULT_FROM_EMAIL, [address]
    )
    try:
        is_taken = handing.hand_over(mail)
    except handing.InDoubt:
        log.warning("Proof %s is in doubt", proof.pk)
        return False
    if not is_taken:
        Proof.objects.filter(pk=proof.pk).update(sent_at=None)  # it is tried again
    return is_taken


def _say(proof: Proof, name: str, **values: str) -> str:
    language = links.language_of(proof.ticket)
    rights = languages.group(language, "right")
    asked = proof.ticket.request.tickets.order_by("pk")
    facts = {
        "reference": str(proof.ticket),
        "rights": "\n".join(f"- {rights[each.right]}" for each in asked),
        "minutes": rules.limit("code_minutes"),
        "hours": rules.limit("link_hours"),
    }
    return languages.say(language, f"letter.{name}", **facts, **values)


# --- codes that people text in ------------------------------------------------------
def take_texts(*, now: dt.datetime, ticket: Ticket | None = None) -> int:
    """Codes that arrived by text from the very number that they were issued for."""
    waiting = Proof.objects.filter(
        method=Method.TEXT_IN, state=State.ASKED, expires_at__gt=now
    )
    if ticket is not None:
        waiting = waiting.filter(ticket__request=ticket.request_id)
    return sum(_take_text(proof, now) for proof in waiting.select_related("ticket"))


def _take_text(proof: Proof, now: dt.datetime) -> bool:
    came = InboundMessage.objects.filter(
        identifier=proof.identifier,
        received_at__gte=proof.asked_at,
        body__isnull=False,
    )
    return any(_confirms(proof, each, now) for each in came.order_by("pk")[:50])


def _confirms(proof: Proof, message: InboundMessage, now: dt.datetime) -> bool:
    said = asking.understand(message.body.open())
    evidence = f"{message.carrier}:{message.carrier_message_id}"
    return asking.matches(proof, said, now) and asking.confirm_by_text(
        proof=proof, code=said, evidence=evidence, now=now
    )


# --- whose it is --------------------------------------------------------------------
def check_confirmed(*, now: dt.datetime) -> int:
    """From here on a proof counts, unless several people are known under it."""
    waiting = Proof.objects.filter(
        state=State.CONFIRMED, checked_at=None, identifier__erased_at=None
    ).select_related("ticket", "identifier")
    for proof in waiting:
        mark = identifiers.value(proof.identifier)
        is_shared = _is_shared(proof, mark, now)
        with transaction.atomic():
            tickets.lock(proof.ticket.request.tickets.all())
            rows = Proof.objects.filter(pk=proof.pk)
            rows.update(checked_at=now, is_shared=is_shared)
            settling.settle(ticket=proof.ticket, by="worker", now=now)
    return len(waiting)


def _is_shared(proof: Proof, mark: Mark, now: dt.datetime) -> bool:
    """A sign-in shows which of them it is; an address or number does not."""
    if proof.method == Method.ACCOUNT or mark.kind not in (Kind.PHONE, Kind.EMAIL):
        return False
    return onfile.look(mark, at=now).is_shared
