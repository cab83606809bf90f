"""Consent exports: written by a worker, sealed, and kept for a short while."""

from django.db import models

from privacy.models import Disclosure


class ListExport(models.Model):
    """One list for one recipient. `after` is the last standing that was written."""

    class State(models.TextChoices):
        RUNNING = "running", "Being written"
        DONE = "done", "Ready to be fetched"
        STOPPED = "stopped", "Stopped"
        ENDED = "ended", "Destroyed"

    options = models.JSONField(
        help_text="Recipient, purpose, and whose states are listed."
    )
    reason = models.CharField(max_length=200)
    state = models.CharField(max_length=7, choices=State, default=State.RUNNING)
    problem = models.CharField(max_length=300, blank=True)
    disclosure = models.ForeignKey(
        Disclosure,
        models.PROTECT,
        null=True,
        help_text="Recorded before the first row was written.",
    )
    rows = models.PositiveBigIntegerField(default=0, verbose_name="rows so far")
    after = models.PositiveBigIntegerField(default=0)
    leased_until = models.DateTimeField(null=True)
    asked_at = models.DateTimeField()
    asked_by = models.CharField(max_length=150)
    finished_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(
        null=True, verbose_name="kept until", help_text="Then it is destroyed."
    )

    class Meta:
        ordering = ["-id"]
        verbose_name = "consent export"
        verbose_name_plural = "consent exports"
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(state="done")
                | models.Q(disclosure__isnull=False, ends_at__isnull=False),
                name="consent_list_export_passed_the_gate_and_ends",
            ),
        ]

    def __str__(self) -> str:
        return f"List {self.pk}"


class ListPiece(models.Model):
    """Some rows of the file, compressed and sealed, written together with the
    position."""

    export = models.ForeignKey(ListExport, models.CASCADE, related_name="pieces")
    content = models.BinaryField(editable=False)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"Piece {self.pk}"
