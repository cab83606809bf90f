"""What the Reassigned Numbers Database answered."""

from django.db import models

from privacy.models import Identifier


class ReassignedAnswer(models.Model):
    """One answer about one number. Rows are added, never changed
    (`reassigned_v1.sql`): a "no" proves the safe harbour of 47 CFR 64.1200(m)."""

    class Answer(models.TextChoices):
        YES = "yes", "Yes: given up since"
        NO = "no", "No: not given up since"
        NO_DATA = "no data", "No data"

    identifier = models.ForeignKey(Identifier, models.PROTECT)
    answer = models.CharField(max_length=7, choices=Answer)
    about_on = models.DateField(
        "asked about",
        null=True,
        help_text="The day that the question named: whether the number was given up "
        "after it.",
    )
    asked_on = models.DateField("asked", help_text="When the database was asked.")
    source = models.CharField(max_length=120, help_text="The file.")
    file = models.CharField("SHA-256 of the file", max_length=64)
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=150)

    class Meta:
        ordering = ["-id"]
        verbose_name = "answer about a reassigned number"
        verbose_name_plural = "answers about reassigned numbers"
        constraints = [
            models.UniqueConstraint(
                fields=["identifier", "asked_on", "about_on", "answer"],
                nulls_distinct=False,
                name="consent_reassigned_once",
            )
        ]
        indexes = [models.Index(fields=["file"], name="consent_reassigned_file")]

    def __str__(self) -> str:
        return f"Answer {self.pk}"

    @property
    def sentence(self) -> str:
        about = f" about {self.about_on:%-d %B %Y}" if self.about_on else ""
        return (
            f"Reassigned Numbers Database, asked on {self.asked_on:%-d %B %Y}{about}: "
            f"{self.answer}."
        )
