"""How often a law gives one person a free answer: dated rows (law 12)."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from dsr.models.deadlines import DeadlineRule
from dsr.models.rights import Right


class FrequencyRule(models.Model):
    class Per(models.TextChoices):
        ROLLING = "rolling", "in twelve months"
        CALENDAR = "calendar", "in a calendar year"

    regime = models.CharField(
        "law (its code)", max_length=12, help_text="EU-GDPR, US-CA, …"
    )
    rights = ArrayField(models.CharField(max_length=24, choices=Right))
    quantity = models.PositiveSmallIntegerField(
        help_text="Number of free answers a person gets."
    )
    per = models.CharField(max_length=8, choices=Per)
    citation = models.TextField()
    mark = models.CharField("how sure we are", max_length=8, choices=DeadlineRule.Mark)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True, help_text="Last day.")

    class Meta:
        verbose_name = "free answers"
        verbose_name_plural = "free answers"
        ordering = ["regime", "valid_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["regime", "rights", "valid_from"], name="dsr_frequency_once"
            ),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")),
                name="dsr_frequency_ends_after_it_begins",
                violation_error_message="The last day is before the first.",
            ),
            models.CheckConstraint(
                condition=Q(quantity__gte=1),
                name="dsr_frequency_gives_one",
                violation_error_message="At least one request must be free.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.regime}: {self.quantity} {self.get_per_display()}"
