"""Imports of opt-outs and opt-ins: their position, and their results."""

from django.db import models


class Import(models.Model):
    """One file with one set of options. `rows` of it are done; the rest is resumed."""

    digest = models.CharField(max_length=64, help_text="SHA-256 of file and options.")
    options = models.JSONField(help_text="What the file does not say itself.")
    rows = models.PositiveBigIntegerField(default=0)
    recorded = models.PositiveBigIntegerField(default=0)
    known = models.PositiveBigIntegerField(default=0)
    refused = models.PositiveBigIntegerField(default=0)
    results_bytes = models.PositiveBigIntegerField(
        default=0, help_text="Length of the result file up to these rows."
    )
    started_at = models.DateTimeField()
    started_by = models.CharField(max_length=150)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["digest"],
                condition=models.Q(finished_at=None),
                name="consent_import_one_unfinished_of_a_file",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    rows=models.F("recorded") + models.F("known") + models.F("refused")
                ),
                name="consent_import_every_row_has_a_result",
            ),
        ]

    def __str__(self) -> str:
        return f"Import {self.pk}"


class Chunk(models.Model):
    """The hashes of the events that came with one chunk of a list, in the order of
    their numbers (`consent.chunks`). They say nothing about a person, and stay."""

    first = models.BigIntegerField(primary_key=True, help_text="The first event.")
    leaves = models.BinaryField(help_text="32 bytes an event.")

    def __str__(self) -> str:
        return f"Chunk from event {self.first}"
