"""On what terms a person was served when they made a request."""

from django.db import models

from dsr.models.tickets import Ticket
from privacy.models import Table
from privacy.models.sealing import SealedField


class Terms(models.Model):
    """The terms in one row of theirs in a store, when the request came in."""

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="terms")
    table = models.ForeignKey(Table, models.CASCADE, related_name="+")
    key = SealedField(help_text="Of the row, as JSON; keys can be e-mails.")
    told = SealedField(help_text="Column to value, as JSON.")
    seen_at = models.DateTimeField()

    class Meta:
        verbose_name = verbose_name_plural = "terms"

    def __str__(self) -> str:
        return f"Terms in {self.table} at {self.ticket}"
