"""Mails to the privacy address: each becomes a request, is set aside, or waits."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from dsr.models.tickets import Ticket
from privacy.models import Identifier
from privacy.models.large import WithoutLarge
from privacy.models.sealing import SealedField


class Mail(models.Model):
    """One mail, once. Its text is sealed; the columns hold no personal data."""

    class Verdict(models.TextChoices):
        REQUEST = "request", "Became a request"
        FOLLOW_UP = "follow_up", "Belongs to a request"
        OPT_OUT = "opt_out", "Recorded as an opt-out"
        SET_ASIDE = "set_aside", "Set aside"
        QUEUE = "queue", "Waiting for a person to read it"

    message_id = models.CharField(
        max_length=64, unique=True, help_text="SHA-256 of its Message-ID."
    )
    raw = SealedField(help_text="The original mail, one character for each byte.")
    understood = SealedField(help_text="What it seems to ask for, as JSON.")
    sender = models.ForeignKey(Identifier, models.PROTECT, null=True)
    received_at = models.DateTimeField()
    taken_at = models.DateTimeField()
    verdict = models.CharField(max_length=9, choices=Verdict)
    category = models.CharField(max_length=24)
    types = ArrayField(models.CharField(max_length=24), default=list)
    regime = models.CharField(max_length=12)
    language = models.CharField(max_length=8)
    confidence = models.FloatField(help_text="From 0, a guess, to 1.")
    reason = models.TextField(help_text="Why it was read this way; no personal data.")
    for_legal = models.BooleanField(
        default=False,
        help_text="From a court, an authority or the press: Legal must read it.",
    )
    tickets = models.ManyToManyField(Ticket, related_name="mails")
    filed_at = models.DateTimeField(
        null=True, help_text="When its attachments were removed from it."
    )
    reminded_on = models.DateField(
        null=True, help_text="When staff were last told that it waits."
    )
    decision = models.TextField(blank=True, help_text="Why somebody set it aside.")
    settled_by = models.CharField(max_length=150, blank=True)
    settled_at = models.DateTimeField(null=True)

    objects = WithoutLarge["Mail"]("raw")

    class Meta:
        ordering = ["-id"]
        permissions = [("settle_mail", "Can decide what to do with a mail")]
        indexes = [
            models.Index(fields=["verdict", "taken_at"], name="dsr_mail_waiting"),
            models.Index(
                fields=["id"], condition=Q(filed_at=None), name="dsr_mail_unfiled"
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(reason=""), name="dsr_mail_has_a_reason"
            ),
            models.CheckConstraint(
                condition=Q(verdict="queue", settled_at=None, settled_by="")
                | ~Q(verdict="queue") & Q(settled_at__isnull=False) & ~Q(settled_by=""),
                name="dsr_mail_settled_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"Mail of {self.received_at:%-d %B %Y, %H:%M}"


class Poll(models.Model):
    """When a mailbox was last emptied, and what has prevented it since."""

    mailbox = models.CharField(max_length=200, unique=True, help_text="Host, folder.")
    validity = models.BigIntegerField(default=0, help_text="UIDVALIDITY (RFC 9051).")
    last_uid = models.BigIntegerField(
        default=0, help_text="All mails up to this one were taken in."
    )
    emptied_at = models.DateTimeField(null=True)
    tried_at = models.DateTimeField()
    left = models.PositiveIntegerField(
        default=0,
        help_text="Messages that can't be read automatically; they are "
        "flagged in the mailbox.",
    )
    problem = models.CharField(max_length=200, blank=True)

    def __str__(self) -> str:
        return self.mailbox
