"""How long the record of consent is kept, and the months of it that went."""

from django.db import models
from django.db.models import F, Q


class KeepingRule(models.Model):
    """A period as a law or the policy gives it (law 12). Of several in force the
    longest counts: whoever keeps all for it obeys each."""

    class What(models.TextChoices):
        LEDGER = "ledger", "Months of the consent ledger"
        MESSAGES = "messages", "What people wrote to us, word by word"

    class Mark(models.TextChoices):
        VERIFIED = "verified", "Checked against a source"
        MEMORY = "memory", "From memory; counsel must confirm it"
        HOUSE = "house", "Our own rule, no law"

    code = models.SlugField(max_length=40)
    what = models.CharField("of what", max_length=8, choices=What)
    law = models.CharField(max_length=120)
    months = models.PositiveSmallIntegerField()
    citation = models.TextField()
    mark = models.CharField("how sure we are", max_length=8, choices=Mark)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True, help_text="Last day.")
    approved_months = models.PositiveSmallIntegerField(null=True, editable=False)
    approved_by = models.CharField(max_length=150, blank=True, editable=False)
    approved_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = "how long records of consent are kept"
        verbose_name_plural = "how long records of consent are kept"
        ordering = ["what", "code", "valid_from"]
        permissions = [("approve_keepingrule", "Can let messages end by the clock")]
        constraints = [
            models.UniqueConstraint(
                fields=["code", "valid_from"], name="consent_keepingrule_once"
            ),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")),
                name="consent_keepingrule_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=Q(months__gte=1), name="consent_keepingrule_keeps_something"
            ),
            models.CheckConstraint(
                condition=Q(approved_months=None, approved_at=None, approved_by="")
                | Q(approved_months__isnull=False, approved_at__isnull=False)
                & ~Q(approved_by=""),
                name="consent_keepingrule_approval_is_signed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.law}: {self.months} months"


class LedgerMonth(models.Model):
    """A month of the ledger that somebody wants to end, or that ended."""

    first = models.DateField("month", unique=True, help_text="Its first day.")
    events = models.PositiveBigIntegerField(
        help_text="Recorded in that month, and carried into it from before."
    )
    kept = models.PositiveBigIntegerField(
        help_text="Of those, what still counted when the month was over; it stays."
    )
    previewed_by = models.CharField(max_length=150)
    previewed_at = models.DateTimeField()
    approved_by = models.CharField(max_length=150, blank=True)
    approved_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    problem = models.TextField(blank=True, help_text="Why it could not end yet.")

    class Meta:
        verbose_name = "month of the ledger"
        verbose_name_plural = "months of the ledger that end"
        ordering = ["-first"]
        permissions = [("approve_ledgermonth", "Can approve that a month ends")]
        constraints = [
            models.CheckConstraint(
                condition=Q(approved_at=None, approved_by="")
                | Q(approved_at__isnull=False)
                & ~Q(approved_by="")
                & ~Q(approved_by=F("previewed_by")),
                name="consent_ledgermonth_four_eyes",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(approved_at__isnull=False),
                name="consent_ledgermonth_ends_approved",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first:%B %Y}"
