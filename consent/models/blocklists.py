"""What carriers block themselves: their lists, as we last saw them."""

from django.db import models

from consent.models.imports import Import
from privacy.models import Identifier


class BlockList(models.Model):
    """One carrier's list on one day, compared with the ledger in both directions."""

    carrier = models.CharField(max_length=20)
    taken = models.OneToOneField(
        Import, models.PROTECT, help_text="The file, and what became of its rows."
    )
    compared_at = models.DateTimeField()
    compared_by = models.CharField(max_length=150)
    listed = models.PositiveBigIntegerField(help_text="Numbers on the list.")
    recorded = models.PositiveBigIntegerField(
        help_text="Of those, opt-outs that were new to us."
    )
    consented = models.PositiveBigIntegerField(
        help_text="Of those, people who consented with us after the carrier's block."
    )
    missing = models.PositiveBigIntegerField(
        help_text="Opt-outs from texts here that are missing from the list."
    )

    class Meta:
        verbose_name = "carrier's block list"

    def __str__(self) -> str:
        return f"{self.carrier}, {self.compared_at:%d %B %Y}"


class Blocked(models.Model):
    """One number on a carrier's list; `taken` is the last import that had it."""

    carrier = models.CharField(max_length=20)
    organization = models.CharField(max_length=64, blank=True)
    identifier = models.ForeignKey(Identifier, models.PROTECT)
    taken = models.ForeignKey(Import, models.PROTECT)
    first_seen_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["carrier", "identifier", "organization"],
                name="consent_blocked_once",
            )
        ]

    def __str__(self) -> str:
        return f"Blocked by {self.carrier}"
