"""Words that opt people out, in, or ask for help: dated rows with their source."""

from django.db import models


class Keyword(models.Model):
    class Meaning(models.TextChoices):
        OPT_OUT = "opt_out", "Opt out"
        OPT_IN = "opt_in", "Opt in"
        HELP = "help", "Help"
        COURTESY = "courtesy", "Courtesy word, means nothing by itself"

    key = models.CharField(
        max_length=80,
        editable=False,
        help_text="The text as it is compared: folded, without spaces and signs.",
    )
    text = models.CharField(max_length=80, help_text="As people write it.")
    meaning = models.CharField(max_length=8, choices=Meaning)
    language = models.CharField(max_length=8, help_text="ISO 639-1, or mul for many.")
    rule = models.CharField(max_length=60, help_text="As tcpa.per_se.")
    citation = models.TextField()
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True, help_text="Last day.")

    class Meta:
        ordering = ["meaning", "text"]
        constraints = [
            models.UniqueConstraint(
                fields=["key", "valid_from"], name="consent_keyword_once"
            ),
            models.CheckConstraint(
                condition=models.Q(valid_to=None)
                | models.Q(valid_to__gte=models.F("valid_from")),
                name="consent_keyword_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=~models.Q(key=""), name="consent_keyword_has_a_key"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.text} ({self.get_meaning_display()})"
