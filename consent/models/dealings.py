"""Dealings with a sender that the law takes for consent, for a while."""

from django.db import models
from django.db.models import F, Q

from consent.models.dated import DatedRule
from privacy.models import Identifier


class Dealing(models.Model):
    """One purchase or inquiry. Rows are added, never changed, and are removed no sooner
    than what they imply has ended (`dealings_v2.sql`)."""

    class Kind(models.TextChoices):
        PURCHASE = "purchase", "Purchase or contract"
        INQUIRY = "inquiry", "Inquiry"

    identifier = models.ForeignKey(Identifier, models.PROTECT)
    organization = models.CharField("sender", max_length=64)
    kind = models.CharField(max_length=8, choices=Kind)
    happened_at = models.DateTimeField()
    ends_at = models.DateTimeField(help_text="From this time on it implies no consent.")
    citation = models.CharField("by which rule", max_length=120)
    source = models.CharField(
        max_length=120, help_text="What proves it: the number of an order or a ticket."
    )
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=150)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["identifier", "organization", "kind", "happened_at"],
                name="consent_dealing_once",
            ),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("happened_at"))
                & Q(happened_at__lte=F("recorded_at"))
                & ~Q(organization=""),
                name="consent_dealing_of_a_sender_and_ends",
            ),
        ]

    def __str__(self) -> str:
        return str(self.get_kind_display())


class DealingRule(DatedRule):
    """How long a purchase or an inquiry implies consent; the last day counts whole."""

    kind = models.CharField(max_length=8, choices=Dealing.Kind)
    months = models.PositiveSmallIntegerField()

    class Meta(DatedRule.Meta):
        verbose_name = "period of implied consent"
        verbose_name_plural = "periods of implied consent"
        constraints = [
            *DatedRule.Meta.constraints,
            models.CheckConstraint(
                condition=models.Q(months__gte=1),
                name="consent_dealingrule_implies_something",
                violation_error_message="The period must be at least one month.",
            ),
        ]

    @property
    def says(self) -> str:
        return f"{self.get_kind_display()}: {self.months} months"
