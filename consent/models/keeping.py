"""How long the record of consent is kept, and the months of it that were removed."""

from django.db import models
from django.db.models import F, Q

from privacy.models import KeepingPeriod


class KeepingRule(KeepingPeriod):
    """Messages end by plans (`privacy.keeping`); each month of the ledger is approved
    by itself."""

    class What(models.TextChoices):
        LEDGER = "ledger", "Months of the consent ledger"
        MESSAGES = "messages", "What people wrote to us, in full"
        DEALINGS = "dealings", "Purchases and inquiries that no longer imply consent"
        REQUESTS = "requests", "Do-not-call requests that no longer count"

    what = models.CharField("of what", max_length=8, choices=What)

    class Meta(KeepingPeriod.Meta):
        verbose_name = "period for records of consent"
        verbose_name_plural = "how long records of consent are kept"
        ordering = ["what", "code", "valid_from"]
        permissions = [
            ("preview_keepingrule", "Can plan that old messages are deleted")
        ]


class LedgerMonth(models.Model):
    """A month of the ledger that somebody wants to remove, or that was removed."""

    first = models.DateField("month", unique=True, help_text="Its first day.")
    events = models.PositiveBigIntegerField(
        help_text="Recorded in that month, or carried over from earlier months."
    )
    kept = models.PositiveBigIntegerField(
        help_text="Of those, events that still counted at the end of the month; they "
        "stay."
    )
    previewed_by = models.CharField(max_length=150)
    previewed_at = models.DateTimeField()
    approved_by = models.CharField(max_length=150, blank=True)
    approved_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    problem = models.TextField(blank=True, help_text="Why it could not end yet.")

    class Meta:
        verbose_name = "month of the ledger"
        verbose_name_plural = "months of the ledger past their period"
        ordering = ["-first"]
        permissions = [
            ("approve_ledgermonth", "Can approve that a ledger month is destroyed")
        ]
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
