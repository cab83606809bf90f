"""How soon an opt-out has to be obeyed: dated rules, and opt-outs that were late."""

from django.db import models

from consent.models.dated import DatedRule
from consent.models.ledger import Event
from consent.models.programs import Program
from privacy.models import Identifier


class HonourRule(DatedRule):
    """One period by one rule. Of those in force when the person said stop the shortest
    counts; one for exempted messages counts only for those."""

    class What(models.TextChoices):
        HONOUR = "honour", "Time to obey it"
        CONFIRM = "confirm", "Time to send the one confirmation"
        CLARIFY = "clarify", "Time during which an answer to its question counts"

    class Unit(models.TextChoices):
        MINUTES = "minutes", "minutes"
        DAYS = "days", "days"
        BUSINESS_DAYS = "business_days", "business days"

    what = models.CharField(max_length=7, choices=What)
    exemption = models.CharField(
        "only messages that are",
        max_length=7,
        choices=Program.Exemption,
        blank=True,
        default="",
    )
    quantity = models.PositiveSmallIntegerField(help_text="0 days: on the same day.")
    unit = models.CharField(max_length=13, choices=Unit)
    calendar = models.CharField(
        max_length=10, blank=True, help_text="Whose public holidays count, such as US."
    )

    class Meta(DatedRule.Meta):
        constraints = [
            *DatedRule.Meta.constraints,
            models.CheckConstraint(
                condition=models.Q(what__in=["confirm", "clarify"], unit="minutes")
                | models.Q(what="honour", unit__in=["days", "business_days"]),
                name="consent_honour_rule_unit_fits",
                violation_error_message="Confirmations and questions count in minutes,"
                " opt-outs in days.",
            ),
        ]

    @property
    def says(self) -> str:
        return f"{self.get_what_display()}: {self.period}"

    @property
    def period(self) -> str:
        if self.unit != self.Unit.MINUTES and not self.quantity:
            return "the same day"
        number, unit = self.quantity, self.get_unit_display()
        if self.unit == self.Unit.MINUTES and number % 60 == 0:
            number, unit = number // 60, "hours"
        return f"{number} {unit if number != 1 else unit[:-1]}"


class LateOptOut(models.Model):
    """An opt-out that took effect after the last day, as the last search found it."""

    event = models.OneToOneField(
        Event, models.PROTECT, primary_key=True, db_constraint=False
    )
    identifier = models.ForeignKey(Identifier, models.PROTECT)
    organization = models.CharField(max_length=64, blank=True, verbose_name="sender")
    program = models.ForeignKey(
        Program,
        models.SET_NULL,
        null=True,
        help_text="The message the person answered.",
    )
    route = models.CharField(max_length=20)
    source = models.CharField(
        max_length=60,
        blank=True,
        help_text="How we learned of it late: from a list, or from the event itself; "
        "empty if only messages were late.",
    )
    received_at = models.DateTimeField(
        help_text="When the person told us, or a list that they had told somebody."
    )
    known_at = models.DateTimeField(help_text="When we knew.")
    enforced_at = models.DateTimeField(
        "in force since", help_text="When we knew, or after the last message sent then."
    )
    last_day = models.DateField(help_text="Until which the law allows.")
    rule = models.ForeignKey(HonourRule, models.PROTECT)

    class Meta:
        verbose_name = "late opt-out"
        indexes = [models.Index(fields=["source"], name="consent_late_opt_out_source")]

    def __str__(self) -> str:
        return f"Opt-out {self.event_id}"


class HonourLook(models.Model):
    """How far the ledger was searched, and by which rules; one row."""

    rules = models.CharField(max_length=64, help_text="SHA-256 of the rules.")
    sequence = models.BigIntegerField(default=0)
    looked_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"Up to event {self.sequence}"
