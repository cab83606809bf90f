"""Lists that were uploaded: kept sealed until a worker has imported them."""

from django.db import models

from consent.models.imports import Import
from privacy.models.large import WithoutLarge


class ListUpload(models.Model):
    """One list. Its content is destroyed when it was imported, or set aside."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting to be confirmed"
        RUNNING = "running", "Being imported"
        DONE = "done", "Taken in"
        STOPPED = "stopped", "Stopped"
        SET_ASIDE = "set_aside", "Set aside"

    content = models.BinaryField(null=True, editable=False)
    size = models.PositiveIntegerField(help_text="Bytes.")
    options = models.JSONField(help_text="What the list does not say itself.")
    carrier = models.CharField(
        "block list of",
        max_length=20,
        blank=True,
        help_text="If set, it is also compared with the ledger.",
    )
    state = models.CharField(max_length=9, choices=State, default=State.WAITING)
    problem = models.CharField(max_length=300, blank=True)
    taken = models.ForeignKey(Import, models.PROTECT, null=True)
    leased_until = models.DateTimeField(null=True)
    uploaded_at = models.DateTimeField()
    uploaded_by = models.CharField(max_length=150)
    started_at = models.DateTimeField(null=True)
    started_by = models.CharField(max_length=150, blank=True)
    finished_at = models.DateTimeField(null=True)

    objects = WithoutLarge["ListUpload"]("content")

    class Meta:
        ordering = ["-id"]
        verbose_name = "list"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    state__in=["waiting", "running"], content__isnull=False
                )
                | models.Q(state__in=["done", "stopped", "set_aside"], content=None),
                name="consent_list_upload_is_there_while_needed",
            ),
        ]

    def __str__(self) -> str:
        return f"List {self.pk}"


class ListResult(models.Model):
    """What became of some rows of a list, written together with them; without their
    content."""

    upload = models.ForeignKey(ListUpload, models.CASCADE, related_name="results")
    text = models.TextField()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"Results {self.pk}"
