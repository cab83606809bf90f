"""What the person and we write to each other about a request."""

from django.db import models
from django.db.models import Q

from dsr.models.mailbox import Mail
from dsr.models.tickets import Ticket
from privacy.models.sealing import SealedField


class Message(models.Model):
    class Side(models.TextChoices):
        PERSON = "person", "The person"
        US = "us", "We"

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="messages")
    side = models.CharField(max_length=6, choices=Side)
    text = SealedField()
    written_at = models.DateTimeField()
    written_by = models.CharField(max_length=150, blank=True)
    mail = models.OneToOneField(
        Mail, models.CASCADE, null=True, related_name="message", help_text="As it came."
    )
    read_at = models.DateTimeField(null=True, help_text="By the other side.")
    tried_at = models.DateTimeField(
        null=True, help_text="When it was given to the mail server."
    )
    sent_at = models.DateTimeField(null=True, help_text="By mail as well.")

    class Meta:
        ordering = ["written_at", "id"]
        indexes = [
            models.Index(
                fields=["ticket"],
                condition=Q(side="person", read_at=None),
                name="dsr_message_unread",
            )
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(side="person", written_by="")
                | Q(side="us") & ~Q(written_by=""),
                name="dsr_message_of_us_is_somebodys",
            )
        ]

    def __str__(self) -> str:
        return f"Message about {self.ticket}"
