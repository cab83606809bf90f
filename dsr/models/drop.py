"""Lists of California's deletion platform that a data broker fetched."""

from django.db import models


class DropFetch(models.Model):
    """One fetch and what its numbers came to. The numbers are with their requests."""

    fetched_at = models.DateTimeField()
    numbers = models.PositiveIntegerField(help_text="How many entries the lists had.")
    alone = models.PositiveIntegerField(
        help_text="Belonging to one person: to be erased."
    )
    shared = models.PositiveIntegerField(
        help_text="Shared by several people: only opted out."
    )
    taken_by = models.CharField(max_length=150)
    taken_at = models.DateTimeField()
    reminded_on = models.DateField(null=True, help_text="When the next fetch is due.")

    class Meta:
        ordering = ["-fetched_at"]

    def __str__(self) -> str:
        return f"Fetch of {self.fetched_at:%-d %B %Y}"
