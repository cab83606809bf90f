"""What an erasure removed, sealed for some days under a key that is then destroyed."""

from django.db import models

from privacy.models.plans import Plan, Range
from privacy.models.sealing import SealedField
from privacy.models.stores import Store


class UndoPeriod(models.Model):
    """How long an erasure for a right can be undone. Without a row: not at all."""

    right = models.CharField(max_length=24, unique=True, help_text="erasure, …")
    days = models.PositiveSmallIntegerField(
        help_text="No longer than the law gives to answer; 0 keeps nothing."
    )

    class Meta:
        ordering = ["right"]

    def __str__(self) -> str:
        return f"{self.right}: {self.days} days"


class Undo(models.Model):
    """One half of the key of one plan's sealed copies; the other is in a file. Without
    both they are unreadable."""

    plan = models.OneToOneField(Plan, models.CASCADE, related_name="undo")
    days = models.PositiveSmallIntegerField()
    key = SealedField(null=True, help_text="Destroyed when the days are over.")
    is_apart = models.BooleanField(
        default=True, help_text="False: this is the whole key, of an older undo."
    )
    until = models.DateTimeField(null=True, help_text="Counted from the plan's end.")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ended_at=None, key__isnull=False)
                | models.Q(ended_at__isnull=False, key=None),
                name="privacy_undo_ended_has_no_key",
            )
        ]

    def __str__(self) -> str:
        return f"Undo of {self.plan_id}"


class UndoFile(models.Model):
    """A file that was deleted: its path and its bytes."""

    undo = models.ForeignKey(Undo, models.CASCADE, related_name="files")
    store = models.ForeignKey(Store, models.CASCADE)
    is_whole = models.BooleanField(help_text="False: it was too large to be kept.")
    content = models.BinaryField(help_text="AES-256-GCM under the plan's key.")

    def __str__(self) -> str:
        return f"A file for {self.undo_id}"


class UndoCopy(models.Model):
    """The rows of one range as they were; for the plan itself, its identifiers."""

    undo = models.ForeignKey(Undo, models.CASCADE, related_name="copies")
    range = models.OneToOneField(Range, models.CASCADE, null=True)
    content = models.BinaryField(help_text="AES-256-GCM under the plan's key.")

    def __str__(self) -> str:
        return f"A copy for {self.undo_id}"
