"""Messaging programs: who sends, from which numbers, with which texts."""

import re

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.core.exceptions import ValidationError
from django.db import models

OUR_NUMBER = re.compile(r"\+[1-9]\d{6,14}|\d{3,8}|rcs:[A-Za-z0-9][A-Za-z0-9_.@-]{0,59}")


def are_numbers(texts: list[str]) -> None:
    """Validates the whole list: Django would lose the message about a single item."""
    for text in texts:
        if not OUR_NUMBER.fullmatch(text):
            raise ValidationError(
                f"Write {text} as +12025550100, a short code as its digits, or an RCS "
                "agent as rcs: and its id."
            )


class Program(models.Model):
    """One sender of messages. Without numbers and organization it is the fallback."""

    class Purpose(models.TextChoices):
        MARKETING = "marketing", "Marketing"
        SERVICE = "service", "Service messages"

    class Exemption(models.TextChoices):
        """Messages that need no consent, 47 CFR 64.1200(a)(9)."""

        NONE = "", "None: it needs consent"
        PACKAGE = "package", "Package delivery"
        HEALTH = "health", "Healthcare"
        OTHER = "other", "Other exempted information"

    CHOICES = "{programs}"  # in a question: 1 = Alerts, 2 = Offers

    name = models.CharField(max_length=120, unique=True)
    organization = models.CharField(
        max_length=64,
        blank=True,
        help_text="The platform's id of the organization; empty means all of them.",
    )
    address = models.CharField(
        "postal address of the sender",
        max_length=200,
        blank=True,
        default="",
        db_default="",
        help_text="It stands in records of consent (ISO/IEC TS 27560).",
    )
    numbers = ArrayField(
        models.CharField(max_length=64),
        default=list,
        blank=True,
        validators=[are_numbers],
        help_text="Our own sender numbers, separated by commas: +12025550100; or an "
        "RCS agent, as rcs: and its id.",
    )
    purpose = models.CharField(max_length=9, choices=Purpose, default=Purpose.MARKETING)
    exemption = models.CharField(
        "exempted from consent",
        max_length=7,
        choices=Exemption,
        blank=True,
        default="",
        db_default="",
        help_text="47 CFR 64.1200(a)(9). A STOP to marketing need not end these "
        "messages.",
    )
    help_text = models.CharField(
        "answer to HELP",
        max_length=320,
        help_text="Says who sends, and where to get help.",
    )
    opt_out_text = models.CharField(
        "answer to STOP",
        max_length=320,
        help_text="Confirms the opt-out; advertises nothing.",
    )
    clarify_text = models.CharField(
        "question after STOP",
        max_length=200,
        blank=True,
        default="",
        db_default="",
        help_text="Asked once, with the answer to STOP, if the person consented to "
        "several programs of this sender: “To keep some, reply {programs}”. Without a "
        "reply they all end. Empty: no question.",
    )
    opt_in_text = models.CharField(
        "answer to START",
        max_length=320,
        help_text="Says how often messages come, that message and data rates may "
        "apply, and mentions HELP and STOP.",
    )
    monthly_cap = models.PositiveSmallIntegerField(
        "most messages in 30 days",
        null=True,
        blank=True,
        help_text="Empty: no cap is stated, and the promise board lists marketing "
        "programs without one.",
    )

    consent_months = models.PositiveSmallIntegerField(
        "consent ends after months",
        null=True,
        blank=True,
        help_text="If the person does not renew it. Empty: consent does not expire.",
    )

    class Meta:
        ordering = ["name"]
        indexes = [GinIndex(fields=["numbers"], name="consent_program_numbers")]

    def __str__(self) -> str:
        return self.name

    @property
    def sender(self) -> str:
        return self.organization or "every sender"

    def clean(self) -> None:
        """What its texts must say is checked by `consent.wording`."""
        problems = {
            "clarify_text": self._no_question(),
            "numbers": self._numbers_of_others(),
            "exemption": self._is_marketing(),
        }
        found = {field: text for field, text in problems.items() if text}
        if found:
            raise ValidationError(found)

    def _no_question(self) -> list[str]:
        if not self.clarify_text:
            return []
        found = []
        if self.CHOICES not in self.clarify_text:
            found.append(
                f"Write {self.CHOICES} where the program numbers and names belong."
            )
        if not self.organization:
            found.append("Only a program with a sender can ask: name its organization.")
        return found

    def _is_marketing(self) -> list[str]:
        """47 CFR 64.1200(a)(9) exempts no message with marketing in it."""
        is_wrong = self.exemption and self.purpose == self.Purpose.MARKETING
        return ["Marketing is never exempted; choose service."] if is_wrong else []

    def _numbers_of_others(self) -> list[str]:
        """A number belongs to one organization; otherwise nobody would know whose STOP
        it is."""
        others = Program.objects.filter(numbers__overlap=self.numbers or [])
        others = others.exclude(pk=self.pk).exclude(organization=self.organization)
        return [
            f"It belongs to the program {other} of another organization."
            for other in others
        ]


class ProgramText(models.Model):
    """What a program answered from then on: the database adds a row with each change,
    and keeps all, also those of a program that is gone."""

    program = models.ForeignKey(Program, models.DO_NOTHING, db_constraint=False)
    since = models.DateTimeField()
    opt_in_text = models.TextField()
    opt_out_text = models.TextField()
    help_text = models.TextField()
    clarify_text = models.TextField()

    class Meta:
        ordering = ["-since", "-pk"]
        indexes = [
            models.Index(fields=["program", "since"], name="consent_programtext_at")
        ]

    def __str__(self) -> str:
        return f"texts since {self.since:%Y-%m-%d}"
