"""A declaration under penalty of perjury, which California wants for a copy (11 CCR
7062(c)): the person signs it on the page of their request, and its words and their name
stand in the conversation."""

import datetime as dt

from django.db import transaction

from dsr import tickets
from dsr.identity import settling
from dsr.identity.asking import confirmed
from dsr.identity.standing import standing
from dsr.models import Message, Proof, Ticket


def declare(*, ticket: Ticket, signed: Message, now: dt.datetime) -> Proof:
    """`signed` has what they declared, and the name that they typed under it. A second
    one changes nothing."""
    with transaction.atomic():
        tickets.lock(ticket.request.tickets.all())
        for before in standing(ticket).proofs:
            if before.method == Proof.Method.DECLARED:
                return before
        proof = Proof.objects.create(
            ticket=ticket,
            identifier=ticket.identifiers.order_by("pk")[0],
            method=Proof.Method.DECLARED,
            asked_at=now,
            expires_at=now,
        )
        confirmed(proof, now, evidence=f"message {signed.pk}")
        proof.checked_at = now
        proof.save(update_fields=["checked_at"])
        settling.settle(ticket=ticket, by="person", now=now)
    return proof
