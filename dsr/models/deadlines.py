"""How long each law gives us: dated rows with their citation (law 12)."""

from django.db import models
from django.db.models import F, Q

from dsr.models.rights import Right

ASK_AGAIN = "ask_again"  # no right, but a clock: how long we may not ask for consent


class DeadlineRule(models.Model):
    """One law's time for one right. All periods count from the day of receipt."""

    class Unit(models.TextChoices):
        CALENDAR_DAYS = "cal_days", "calendar days"
        BUSINESS_DAYS = "biz_days", "business days"
        MONTHS = "months", "months"

    class Mark(models.TextChoices):
        VERIFIED = "verified", "Checked against a source"
        MEMORY = "memory", "From memory; counsel must confirm it"
        HOUSE = "house", "Our own rule, not a law"

    code = models.SlugField(max_length=60)
    regime = models.CharField(
        "law (its code)", max_length=12, help_text="EU-GDPR, US-CA, …"
    )
    law = models.CharField(max_length=120)
    right = models.CharField(
        max_length=24, choices=[*Right.choices, (ASK_AGAIN, "Asking for consent again")]
    )
    quantity = models.PositiveSmallIntegerField()
    unit = models.CharField(max_length=8, choices=Unit)
    calendar = models.CharField(
        max_length=12,
        blank=True,
        help_text="Whose public holidays count: US, GB-ENG, … or home: ours.",
    )
    rolls = models.BooleanField(
        default=False,
        help_text="If the last day is not a working day, it moves to the next one.",
    )
    days_early = models.PositiveSmallIntegerField(
        default=0, help_text="How many days before the due date we aim to be done."
    )
    identity_starts_clock = models.BooleanField(default=False)
    clarification_stops_clock = models.BooleanField(default=False)
    silence_is_refusal = models.BooleanField(default=False)
    extension_quantity = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Total time, counted from receipt."
    )
    extension_unit = models.CharField(max_length=8, choices=Unit, blank=True)
    acknowledgement_quantity = models.PositiveSmallIntegerField(null=True, blank=True)
    acknowledgement_unit = models.CharField(max_length=8, choices=Unit, blank=True)
    citation = models.TextField()
    mark = models.CharField("how sure we are", max_length=8, choices=Mark)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True, help_text="Last day.")

    class Meta:
        verbose_name = "deadline"
        ordering = ["regime", "right", "valid_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["regime", "right", "valid_from"], name="dsr_deadline_once"
            ),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")),
                name="dsr_deadline_ends_after_it_begins",
                violation_error_message="The last day is before the first.",
            ),
            models.CheckConstraint(
                condition=Q(quantity__gte=1),
                name="dsr_deadline_takes_time",
                violation_error_message="An answer needs at least one day.",
            ),
            models.CheckConstraint(
                condition=Q(extension_quantity=None, extension_unit="")
                | Q(extension_quantity__isnull=False) & ~Q(extension_unit=""),
                name="dsr_deadline_extension_is_whole",
                violation_error_message="Give both the length of the extension and its "
                "unit, or neither.",
            ),
            models.CheckConstraint(
                condition=Q(acknowledgement_quantity=None, acknowledgement_unit="")
                | Q(acknowledgement_quantity__isnull=False)
                & ~Q(acknowledgement_unit=""),
                name="dsr_deadline_acknowledgement_is_whole",
                violation_error_message="Give both the time for acknowledgement and "
                "its unit, or neither.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.regime}, {self.get_right_display()}"
