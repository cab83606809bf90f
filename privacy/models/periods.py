"""How long the portal keeps records of its own: dated rows (law 12)."""

from django.db import models
from django.db.models import F, Q


class KeepingPeriod(models.Model):
    """A period as a law or the policy gives it. Of several in force the longest counts:
    keeping records that long complies with each. Nothing is removed until two people
    have approved this very number of months (`privacy.keeping`)."""

    class Mark(models.TextChoices):
        VERIFIED = "verified", "Checked against a source"
        MEMORY = "memory", "From memory; counsel must confirm it"
        HOUSE = "house", "Our own rule, not a law"

    code = models.SlugField(max_length=40)
    law = models.CharField(max_length=120)
    months = models.PositiveSmallIntegerField()
    citation = models.TextField()
    mark = models.CharField("how sure we are", max_length=8, choices=Mark)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True, help_text="Last day.")

    class Meta:
        abstract = True
        ordering = ["code", "valid_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["code", "valid_from"], name="%(app_label)s_%(class)s_once"
            ),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")),
                name="%(app_label)s_%(class)s_ends_after_it_begins",
                violation_error_message="The last day is before the first.",
            ),
            models.CheckConstraint(
                condition=Q(months__gte=1),
                name="%(app_label)s_%(class)s_keeps_something",
                violation_error_message="The period must be at least one month.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.law}: {self.months} months"
