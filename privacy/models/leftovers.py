"""What the search after an erasure still finds, where a person must decide."""

from django.db import models

from privacy.models.datamap import Table
from privacy.models.plans import Plan
from privacy.models.sealing import SealedField
from privacy.models.stores import Store


class Leftover(models.Model):
    """One place: a cell, a file, a row of the portal's own. Never its content."""

    class Kind(models.TextChoices):
        COPY = "copy", "An identifier of the person"
        HINT = "hint", "The name, or last digits beside part of it"

    class Decision(models.TextChoices):
        REDACT = "redact", "Remove words from it"
        EMPTY = "empty", "Empty it (a file: delete it)"
        KEEP = "keep", "Keep it, with a legal ground"
        NOT_THEM = "not_them", "It is not this person's"

    plan = models.ForeignKey(
        Plan, models.CASCADE, related_name="leftovers", verbose_name="erasure"
    )
    kind = models.CharField("what was seen", max_length=4, choices=Kind)
    place = models.CharField(max_length=300)
    table = models.ForeignKey(Table, models.CASCADE, null=True)
    column = models.CharField(max_length=63, blank=True)
    storage = models.ForeignKey(Store, models.CASCADE, null=True)
    key = SealedField(help_text="The key of its row, or the file's path, as JSON.")
    found_at = models.DateTimeField()
    decision = models.CharField(max_length=8, choices=Decision, blank=True)
    ground = models.TextField("legal ground, or why", blank=True)
    words = SealedField(
        null=True, help_text="The words to remove, until they are removed."
    )
    decided_by = models.CharField(max_length=150, blank=True)
    decided_at = models.DateTimeField(null=True)
    ending = models.ForeignKey(
        Plan, models.SET_NULL, null=True, related_name="ends", verbose_name="its plan"
    )
    gone_at = models.DateTimeField("gone since", null=True)

    class Meta:
        ordering = ["gone_at", "decided_at", "place", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(decision="", decided_by="")
                | ~models.Q(decision="") & ~models.Q(decided_by=""),
                name="privacy_leftover_decision_is_signed",
            ),
            models.CheckConstraint(
                condition=models.Q(decision__in=["", "redact", "empty"])
                | ~models.Q(ground=""),
                name="privacy_leftover_stays_with_ground",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.place} ({self.get_kind_display().lower()})"
