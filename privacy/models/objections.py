"""What a person has forbidden us to do with their data."""

from django.db import models

from privacy.models.identifiers import Identifier


class Objection(models.Model):
    """From `since` on, one use of the data behind one identifier is forbidden."""

    class Use(models.TextChoices):
        EVERY = "every", "Every use that they objected to"
        MARKETING = "marketing", "Direct marketing"
        CONSENTED = "consented", "What they had consented to"
        SALE = "sale", "Sale or sharing"
        TARGETED_ADS = "targeted_ads", "Targeted advertising"
        PROFILING = "profiling", "Profiling"
        SENSITIVE = "sensitive", "Sensitive data beyond what is necessary"

    identifier = models.ForeignKey(
        Identifier, models.PROTECT, related_name="objections"
    )
    use = models.CharField(max_length=12, choices=Use)
    because = models.CharField(max_length=60, help_text="The row that says so.")
    since = models.DateTimeField()
    recorded_by = models.CharField(max_length=150)
    recorded_at = models.DateTimeField()
    lifted_by = models.CharField(max_length=150, blank=True)
    lifted_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-since"]
        constraints = [
            models.UniqueConstraint(
                fields=["identifier", "use"],
                condition=models.Q(lifted_at=None),
                name="privacy_objection_once",
            ),
            models.CheckConstraint(
                condition=models.Q(lifted_at=None, lifted_by="")
                | models.Q(lifted_at__isnull=False) & ~models.Q(lifted_by=""),
                name="privacy_objection_lifting_is_signed",
            ),
        ]

    def __str__(self) -> str:
        return f"No {self.get_use_display().lower()}"
