"""What the answers of programs must and must not say: dated rules, by language."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from consent.models.dated import DatedRule, language_in_words


class Wording(DatedRule):
    """How one thing is said in one language; any one of its patterns is enough."""

    class Where(models.TextChoices):
        OPT_IN = "opt_in", "The answer to START must say it"
        HELP = "help", "The answer to HELP must say it"
        OPT_OUT = "opt_out", "The answer to STOP may not say it"

    where = models.CharField(max_length=7, choices=Where)
    language = models.CharField(max_length=8, help_text="ISO 639-1.")
    thing = models.CharField(
        "what is said",
        max_length=60,
        help_text="Such as “how often messages come”; the same in every language.",
    )
    patterns = ArrayField(
        models.CharField(max_length=300),
        help_text="Separated by commas, written like phrases: words, a|b, (a|b c), "
        "[perhaps], *3 for up to three words.",
    )

    @property
    def in_words(self) -> str:
        """“How often messages come (German)”."""
        thing = self.thing[:1].upper() + self.thing[1:]
        return f"{thing} ({language_in_words(self.language)})"

    @property
    def says(self) -> str:
        return self.get_where_display()
