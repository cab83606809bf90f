"""How far a bare STOP reaches: dated rules, each with its source."""

from django.db import models

from consent.models.dated import DatedRule


class ScopeRule(DatedRule):
    """What a STOP ends by one rule. Of the rules in force the widest counts."""

    class Reach(models.TextChoices):
        PROGRAM = "program", "The program that was answered, alone"
        CONSENTED = "consented", "Every program of the sender that needs consent"
        ALL = "all", "Every program of the sender, exempted ones too"

    sentence = models.CharField(
        max_length=300,
        help_text="Why it reaches this far; shown when a person is looked up.",
    )
    after_consented = models.CharField(
        "a STOP to messages that need consent ends",
        max_length=9,
        choices=Reach,
    )
    after_exempted = models.CharField(
        "a STOP to exempted messages ends", max_length=9, choices=Reach
    )

    @property
    def says(self) -> str:
        return self.sentence
