"""What all dated rules have: a name, a jurisdiction, a source, its days."""

import datetime as dt

from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language_info

OF_OUR_OWN = {"mul": "several languages", "zh": "Chinese"}  # Django knows neither


def language_in_words(code: str) -> str:
    """“German”; `mul` stands for several (ISO 639-2)."""
    if code in OF_OUR_OWN:
        return OF_OUR_OWN[code]
    try:
        return str(get_language_info(code)["name"])
    except KeyError:
        return code or "any"


class DatedRule(models.Model):
    """A changed rule gets a new row of the same name with its own first day."""

    class Mark(models.TextChoices):
        VERIFIED = "verified", "Seen in a source"
        MEMORY = "memory", "Counsel must confirm it"
        CONFLICT = "conflict", "Sources differ; this is the stricter one"
        HOUSE = "house", "Our own decision"

    name = models.SlugField(max_length=40)
    jurisdiction = models.CharField(
        max_length=10, help_text="Such as US, US-FL or CA; “house” for our own."
    )
    citation = models.TextField()
    mark = models.CharField(max_length=10, choices=Mark, help_text="How sure we are.")
    valid_from = models.DateField(
        help_text="Applies to what happens on this day or later."
    )
    valid_to = models.DateField(null=True, blank=True, help_text="Last day.")

    class Meta:
        abstract = True
        ordering = ["name", "valid_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["name", "valid_from"], name="%(app_label)s_%(class)s_once"
            ),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")),
                name="%(app_label)s_%(class)s_ends_after_it_begins",
                violation_error_message="The last day is before the first.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.in_words} from {self.valid_from}"

    @property
    def in_words(self) -> str:
        """The name, as staff read it."""
        return self.name.replace("_", " ").capitalize()

    @property
    def says(self) -> str:
        """What it sets, in short."""
        return ""

    def is_in_force(self, day: dt.date) -> bool:
        return self.valid_from <= day and (
            self.valid_to is None or day <= self.valid_to
        )
