"""What rows say in English, in the languages that letters are written in."""

from django.db import models


class Translation(models.Model):
    """One sentence or title, as it stands in a row, in one other language."""

    language = models.CharField(max_length=2)
    original = models.CharField(
        max_length=300, help_text="The English text, exactly as in the record."
    )
    text = models.CharField(max_length=400, help_text="As letters should say it.")

    class Meta:
        ordering = ["original", "language"]
        constraints = [
            models.UniqueConstraint(
                fields=["language", "original"], name="dsr_translation_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.original} ({self.language})"
