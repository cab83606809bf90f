"""Codes and links: asked for, returned, counted.

Every answer to the person is the same for an address that we know and one that we do
not. Wrong codes are counted in the row, under its lock, so that no burst of attempts
gets through.
"""

import datetime as dt
import hashlib
import hmac
import secrets

from django.db import transaction

from consent.models import Program
from dsr import tickets
from dsr.identity import rules
from dsr.models import Proof, Ticket
from privacy import audit
from privacy.identifiers import Kind
from privacy.refusals import Refusal

Method, State = Proof.Method, Proof.State
OF_KIND = {
    Kind.PHONE: (Method.TEXT_IN, Method.TEXT, Method.ON_FILE),
    Kind.EMAIL: (Method.MAIL,),
}
TYPED = (Method.MAIL, Method.TEXT)  # the other codes and links are shown or held by us


class AskedTooOften(Refusal):
    """Too many attempts today; try again tomorrow, or write to us."""


class NoSuchProof(Refusal):
    """That can't be proved in this way."""


class WrongCode(Refusal):
    """That code is wrong or has expired."""


def methods_for(kind: str) -> tuple[str, ...]:
    """By the kind of identifier that was typed, never by what we know about it."""
    return OF_KIND.get(Kind(kind), ())


def ask(
    *,
    ticket: Ticket,
    identifier_id: int,
    method: str,
    now: dt.datetime,
    purpose: str = Proof.Purpose.IDENTITY,
) -> Proof:
    """A code or link for a worker to send; an older one of the same method stops
    working."""
    identifier = ticket.identifiers.filter(pk=identifier_id).first()
    if identifier is None or method not in methods_for(identifier.kind):
        raise NoSuchProof
    with transaction.atomic():
        tickets.lock_one(ticket)
        refuse_too_many(ticket, now)
        Proof.objects.filter(
            ticket__request=ticket.request_id,
            identifier=identifier,
            method=method,
            state=State.ASKED,
        ).update(expires_at=now)
        proof = Proof.objects.create(
            ticket=ticket,
            identifier=identifier,
            method=method,
            purpose=purpose,
            asked_at=now,
            **_secret(method, now),
        )
        _record("asked", proof, now)
    return proof


def refuse_too_many(ticket: Ticket, now: dt.datetime) -> None:
    since = now - dt.timedelta(days=1)
    lately = Proof.objects.filter(ticket__request=ticket.request_id, asked_at__gt=since)
    if lately.count() >= rules.limit("proofs_of_a_request_in_a_day"):
        raise AskedTooOften


def our_number() -> str:
    """The number of ours to text a code to; not a short code."""
    for program in Program.objects.exclude(numbers=[]).order_by("organization", "pk"):
        for number in program.numbers:
            if number.startswith("+"):
                return str(number)
    return ""


def _secret(method: str, now: dt.datetime) -> dict[str, object]:
    if method == Method.ON_FILE:
        token = secrets.token_urlsafe(32)
        ends = now + dt.timedelta(hours=rules.limit("link_hours"))
        return {"code": token, "digest": digest(token), "expires_at": ends}
    digits = rules.limit("code_digits")
    code = f"{secrets.randbelow(10**digits):0{digits}}"
    ends = now + dt.timedelta(minutes=rules.limit("code_minutes"))
    return {"code": code, "expires_at": ends}


def digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def understand(text: str) -> str:
    """The digits of a code as people type them: 482 913, 482-913."""
    return "".join(c for c in text if c.isascii() and c.isdigit())


def confirm(*, ticket: Ticket, proof_id: int, code: str, now: dt.datetime) -> Proof:
    """A code that we sent them, typed on the page.

    Raises `WrongCode`, and counts it; after the last attempt the code is worthless.
    The count is kept even if the caller continues its transaction: nothing is rolled
    back.
    """
    with transaction.atomic():
        rows = Proof.objects.select_for_update(of=("self",))
        proof = rows.filter(pk=proof_id, ticket__request=ticket.request_id).first()
        is_right = proof is not None and _is_right(proof, understand(code), now)
        if proof is not None and is_right:
            confirmed(proof, now, "")
        elif proof is not None and proof.state == State.ASKED:
            _count(proof, now)
    if proof is None or not is_right:
        raise WrongCode
    return proof


def _is_right(proof: Proof, code: str, now: dt.datetime) -> bool:
    """The page shows the code that is to be texted in: typed, it proves nothing."""
    return proof.method in TYPED and matches(proof, code, now)


def matches(proof: Proof, code: str, now: dt.datetime) -> bool:
    if proof.state != State.ASKED or proof.expires_at <= now or proof.code is None:
        return False
    return hmac.compare_digest(proof.code.open().encode(), code.encode())


def confirm_by_text(
    *, proof: Proof, code: str, evidence: str, now: dt.datetime
) -> bool:
    """A code that came by text from the very number that is to be proved; the caller
    has read it in the carrier's message, which is the `evidence`."""
    with transaction.atomic():
        rows = Proof.objects.select_for_update(of=("self",))
        fresh = rows.filter(pk=proof.pk, method=Method.TEXT_IN).first()
        if fresh is None or not matches(fresh, code, now):
            return False
        confirmed(fresh, now, evidence)
    return True


def _count(proof: Proof, now: dt.datetime) -> None:
    proof.attempts += 1
    if proof.attempts >= rules.limit("wrong_codes"):
        proof.state, proof.code = State.FAILED, None
        _record("failed", proof, now)
    proof.save(update_fields=["attempts", "state", "code"])


def confirm_by_link(*, token: str, now: dt.datetime) -> Proof:
    """Confirmed on the page that a letter to the address on file links to."""
    with transaction.atomic():
        proof = find_by_link(
            token=token, now=now, rows=Proof.objects.select_for_update()
        )
        confirmed(proof, now, "")
    return proof


def find_by_link(
    *, token: str, now: dt.datetime, rows: object = Proof.objects
) -> Proof:
    found = rows.filter(  # type: ignore[attr-defined]
        digest=digest(token), state=State.ASKED, expires_at__gt=now
    ).first()
    if found is None:
        raise WrongCode
    proof: Proof = found
    return proof


def confirmed(proof: Proof, now: dt.datetime, evidence: str) -> None:
    proof.state, proof.confirmed_at, proof.code = State.CONFIRMED, now, None
    proof.evidence = evidence
    proof.save(update_fields=["state", "confirmed_at", "code", "evidence"])
    _record("confirmed", proof, now)


def _record(verb: str, proof: Proof, now: dt.datetime) -> None:
    audit.record(
        action=f"proof.{verb}",
        subject=f"ticket:{proof.ticket.reference}",
        by="person",
        now=now,
        proof=proof.pk,
        method=proof.method,
    )
