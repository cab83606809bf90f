"""How far a bare STOP reaches: dated rules, each with its source."""

from django.db import models


class ScopeRule(models.Model):
    """What a STOP ends by one rule. Of the rules in force the widest counts."""

    class Reach(models.TextChoices):
        PROGRAM = "program", "The program that was answered, alone"
        CONSENTED = "consented", "Every program of the sender that needs consent"
        ALL = "all", "Every program of the sender, exempted ones too"

    name = models.SlugField(max_length=40, help_text="As revoke_all_effective.")
    jurisdiction = models.CharField(max_length=10, help_text="US, or house for ours.")
    sentence = models.CharField(
        max_length=300,
        help_text="Why it reaches so far, for whoever looks a person up.",
    )
    after_consented = models.CharField(
        "a STOP to messages that need consent ends",
        max_length=9,
        choices=Reach,
    )
    after_exempted = models.CharField(
        "a STOP to exempted messages ends", max_length=9, choices=Reach
    )
    citation = models.TextField()
    mark = models.CharField(
        max_length=10,
        choices=[
            ("verified", "Seen in a source"),
            ("memory", "Counsel must confirm it"),
            ("conflict", "Sources differ; this is the stricter"),
            ("house", "Our own decision"),
        ],
        help_text="How sure we are.",
    )
    valid_from = models.DateField(help_text="Of a STOP on this day (UTC) or later.")
    valid_to = models.DateField(null=True, blank=True, help_text="Last day.")

    class Meta:
        ordering = ["valid_from", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["name", "valid_from"], name="consent_scope_rule_once"
            ),
            models.CheckConstraint(
                condition=models.Q(valid_to=None)
                | models.Q(valid_to__gte=models.F("valid_from")),
                name="consent_scope_rule_ends_after_it_begins",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} from {self.valid_from}"
