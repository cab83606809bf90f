"""Legal holds: what must not be destroyed while a matter is open."""

from django.db import models

from privacy.models.datamap import Table
from privacy.models.identifiers import Identifier


class Hold(models.Model):
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
