"""What a person of ours heard: that somebody takes their request back."""

from django.db import models
from django.db.models import F, Q

from dsr.models.messages import Message
from dsr.models.tickets import Ticket
from dsr.models.uploads import Upload


class Withdrawal(models.Model):
    """It ends the request once a second person has seen the evidence."""

    class Shown(models.TextChoices):
        MESSAGE = "message", "A message in the conversation"
        PAPER = "paper", "A letter or document on file"
        CALL = "call", "A call, or in person"

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="withdrawals")
    shown_by = models.CharField(max_length=7, choices=Shown)
    message = models.ForeignKey(Message, models.CASCADE, null=True)
    paper = models.ForeignKey(Upload, models.CASCADE, null=True)
    heard = models.TextField(
        blank=True, help_text="Of a call: who took it, and how they knew the person."
    )
    said_on = models.DateField()
    reason = models.TextField(help_text="As the person reads it.")
    noted_by = models.CharField(max_length=150)
    noted_at = models.DateTimeField()
    is_so = models.BooleanField(null=True, help_text="Empty: nobody has checked it.")
    checked_by = models.CharField(max_length=150, blank=True)
    checked_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["noted_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(shown_by="message", message__isnull=False)
                | Q(shown_by="paper", paper__isnull=False)
                | Q(shown_by="call") & ~Q(heard=""),
                name="dsr_withdrawal_has_its_evidence",
            ),
            models.CheckConstraint(
                condition=Q(is_so=None, checked_by="", checked_at=None)
                | Q(is_so__isnull=False, checked_at__isnull=False) & ~Q(checked_by=""),
                name="dsr_withdrawal_check_is_signed",
            ),
            models.CheckConstraint(
                condition=Q(is_so=None) | Q(is_so=False) | ~Q(checked_by=F("noted_by")),
                name="dsr_withdrawal_seen_by_two",
            ),
            models.UniqueConstraint(
                fields=["ticket"],
                condition=Q(is_so=None),
                name="dsr_withdrawal_one_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"Withdrawal of {self.ticket}"
