"""What we wrote to the person."""

from django.db import models

from dsr.models.tickets import Ticket
from privacy.models.sealing import SealedField


class Notice(models.Model):
    class Kind(models.TextChoices):
        ANSWER = "answer", "Answer"
        REFUSAL = "refusal", "Refusal"
        RECEIPT = "receipt", "Receipt"
        EXTENSION = "extension", "We need longer"
        LIFTING = "lifting", "A restriction will end"
        WITHDRAWN = "withdrawn", "Taken back"

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=9, choices=Kind)
    round = models.PositiveSmallIntegerField(default=1, help_text="Of the ticket.")
    subject = models.CharField(
        max_length=200, blank=True, help_text="Names the request and no person."
    )
    text = SealedField()
    written_at = models.DateTimeField()
    tried_at = models.DateTimeField(
        null=True, help_text="When it was handed to the mail server, sent or not."
    )
    sent_at = models.DateTimeField(null=True, help_text="Empty: to be sent by hand.")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["ticket", "kind", "round"], name="dsr_notice_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} to {self.ticket}"
