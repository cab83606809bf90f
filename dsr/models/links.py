"""The secret address under which a person follows their request."""

from django.db import models

from dsr.models.tickets import Ticket
from privacy.models.sealing import SealedField


class Link(models.Model):
    """Found by its digest; the secret itself is sealed, for letters that name it."""

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="links")
    digest = models.CharField(max_length=64, unique=True, help_text="SHA-256.")
    token = SealedField()
    language = models.CharField(
        max_length=2, help_text="The language the person reads."
    )
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, help_text="It no longer opens anything.")

    def __str__(self) -> str:
        return f"Link to {self.ticket}"
