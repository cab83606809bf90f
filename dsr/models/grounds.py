"""On which grounds a request may be refused, whole or in part: dated, with citation."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from dsr.models.deadlines import DeadlineRule
from dsr.models.rights import Right


class Ground(models.Model):
    """One exception of one law (law 12)."""

    code = models.SlugField(max_length=24)
    regime = models.CharField(
        "law (its code)",
        max_length=12,
        help_text="EU-GDPR, US-CA, …; US-* for all states; * for all.",
    )
    title = models.CharField(
        max_length=160, help_text="In the words the person will read."
    )
    rights = ArrayField(
        models.CharField(max_length=24, choices=Right),
        default=list,
        blank=True,
        help_text="None: for every right.",
    )
    citation = models.TextField()
    mark = models.CharField("how sure we are", max_length=8, choices=DeadlineRule.Mark)
    drp_reason = models.CharField(
        "name in the Data Rights Protocol",
        max_length=24,
        default="other",
        help_text="What a partner's system is told (3.02).",
    )
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True, help_text="Last day.")

    class Meta:
        ordering = ["regime", "code", "valid_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["code", "regime", "valid_from"], name="dsr_ground_once"
            ),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")),
                name="dsr_ground_ends_after_it_begins",
                violation_error_message="The last day is before the first.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.citation})"
