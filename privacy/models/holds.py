"""Legal holds: what must not be destroyed while a matter is open."""

from django.db import models

from privacy.models.datamap import Table
from privacy.models.identifiers import Identifier
from privacy.models.plans import Range


class Hold(models.Model):
    class Kind(models.TextChoices):
        LEGAL = "legal", "Legal hold"
        RESTRICTION = "restriction", "Restriction of processing"

    kind = models.CharField(max_length=11, choices=Kind, default=Kind.LEGAL)
    matter = models.CharField(max_length=120)
    identifiers = models.ManyToManyField(Identifier, blank=True)
    tables = models.ManyToManyField(Table, blank=True)
    placed_by = models.CharField(max_length=150)
    placed_at = models.DateTimeField()
    released_by = models.CharField(max_length=150, blank=True)
    released_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-placed_at"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(released_at=None, released_by="")
                | models.Q(released_at__isnull=False) & ~models.Q(released_by=""),
                name="privacy_hold_release_is_signed",
            )
        ]

    def __str__(self) -> str:
        return f"Hold: {self.matter}"


class HoldReceipt(models.Model):
    """A hold that kept rows from a range of a plan: evidence that it was obeyed."""

    hold = models.ForeignKey(Hold, models.PROTECT, related_name="receipts")
    range = models.ForeignKey(Range, models.CASCADE, related_name="receipts")
    rows = models.PositiveBigIntegerField()
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at"]
        constraints = [
            models.UniqueConstraint(
                fields=["hold", "range"], name="privacy_hold_receipt_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.rows} rows kept by {self.hold}"
