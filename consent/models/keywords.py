"""Words and phrases that opt people out, in, or ask for help: dated, with a source."""

from django.contrib.postgres.fields import ArrayField
from django.db import models


class Keyword(models.Model):
    class Meaning(models.TextChoices):
        OPT_OUT = "opt_out", "Opt out"
        OPT_IN = "opt_in", "Opt in"
        HELP = "help", "Help"
        COURTESY = "courtesy", "Courtesy word, means nothing by itself"
        NONE = "none", "Nothing about consent"

    class Line(models.TextChoices):
        """Kinds of number of ours."""

        ORDINARY = "ordinary", "Ordinary numbers"
        TOLL_FREE = "toll_free", "Toll-free numbers"
        SHORT = "short", "Short codes"
        RCS = "rcs", "RCS agents"

    key = models.CharField(
        max_length=80,
        editable=False,
        help_text="The text as it is compared: lower case, without spaces or "
        "punctuation.",
    )
    text = models.CharField(max_length=80, help_text="As people write it.")
    meaning = models.CharField(max_length=8, choices=Meaning)
    language = models.CharField(max_length=8, help_text="ISO 639-1, or mul for many.")
    also = models.CharField(
        "may also mean",
        max_length=60,
        blank=True,
        default="",
        db_default="",
        help_text="What it may also mean in answer to a service message, such as "
        "“cancel an appointment”. Messages stop, and a person asks.",
    )
    carriers = ArrayField(
        models.CharField(max_length=20),
        verbose_name="only by these carriers",
        default=list,
        db_default=[],
        blank=True,
        help_text="None: whichever carrier brings it.",
    )
    lines = ArrayField(
        models.CharField(max_length=9, choices=Line),
        verbose_name="only to these kinds of number",
        default=list,
        db_default=[],
        blank=True,
        help_text="None: whichever number of ours it is sent to.",
    )
    rule = models.CharField(max_length=60, help_text="As tcpa.per_se.")
    citation = models.TextField()
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True, help_text="Last day.")

    class Meta:
        ordering = ["meaning", "text"]
        constraints = [
            models.UniqueConstraint(
                fields=["key", "valid_from", "carriers", "lines"],
                name="consent_keyword_once",
            ),
            models.CheckConstraint(
                condition=models.Q(valid_to=None)
                | models.Q(valid_to__gte=models.F("valid_from")),
                name="consent_keyword_ends_after_it_begins",
                violation_error_message="The last day is before the first.",
            ),
            models.CheckConstraint(
                condition=~models.Q(key=""),
                name="consent_keyword_has_a_key",
                violation_error_message="A keyword needs a letter or a digit.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.text} ({self.get_meaning_display()})"


class WordList(models.Model):
    """Words that phrases use under one name: {messages} stands for texts, sms, …"""

    name = models.SlugField(max_length=30, unique=True)
    words = ArrayField(models.CharField(max_length=60), help_text="With commas.")

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Phrase(models.Model):
    """A pattern of words in an ordinary sentence; read from the lowest `order` up."""

    class Meaning(models.TextChoices):
        OPT_OUT = "opt_out", "Opt out"
        OPT_IN = "opt_in", "Opt in"
        HELP = "help", "Help"
        AMBIGUOUS = "ambiguous", "Unclear: a person should read it"
        LIMITS = "limits", "Limits an opt-out: a person should read it"
        HARMLESS = "harmless", "Means nothing; its words are ignored"
        COURTESY = "courtesy", "Courtesy words; ignored"

    text = models.CharField(
        "pattern",
        max_length=500,
        help_text="Words, {lists}, a|b, (a|b c), [perhaps], *3 for up to three words, "
        "^ and $ for the ends, {number}, ~letters anywhere.",
    )
    meaning = models.CharField(max_length=9, choices=Meaning)
    order = models.PositiveIntegerField(help_text="Lower numbers are tried first.")
    language = models.CharField(max_length=8, help_text="ISO 639-1, or mul for many.")
    rule = models.CharField(max_length=60)
    citation = models.TextField()
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True, help_text="Last day.")

    class Meta:
        ordering = ["order"]
        constraints = [
            models.UniqueConstraint(
                fields=["text", "meaning", "valid_from"], name="consent_phrase_once"
            ),
            models.CheckConstraint(
                condition=models.Q(valid_to=None)
                | models.Q(valid_to__gte=models.F("valid_from")),
                name="consent_phrase_ends_after_it_begins",
                violation_error_message="The last day is before the first.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.text} ({self.get_meaning_display()})"
