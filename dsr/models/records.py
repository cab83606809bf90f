"""How long the record of a request names the person: dated rows (law 12)."""

from django.db import models
from django.db.models import F, Q

from dsr.models.deadlines import DeadlineRule


class RecordRule(models.Model):
    """It ends nothing until somebody approved this very number of months."""

    code = models.SlugField(max_length=40)
    law = models.CharField(max_length=120)
    months = models.PositiveSmallIntegerField(help_text="From the last answer.")
    citation = models.TextField()
    mark = models.CharField("how sure we are", max_length=8, choices=DeadlineRule.Mark)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True, help_text="Last day.")
    approved_months = models.PositiveSmallIntegerField(null=True, editable=False)
    approved_by = models.CharField(max_length=150, blank=True, editable=False)
    approved_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = "how long records of requests are kept"
        verbose_name_plural = "how long records of requests are kept"
        ordering = ["code", "valid_from"]
        permissions = [("approve_recordrule", "Can let records of requests end")]
        constraints = [
            models.UniqueConstraint(
                fields=["code", "valid_from"], name="dsr_recordrule_once"
            ),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")),
                name="dsr_recordrule_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=Q(months__gte=1), name="dsr_recordrule_keeps_something"
            ),
            models.CheckConstraint(
                condition=Q(approved_months=None, approved_at=None, approved_by="")
                | Q(approved_months__isnull=False, approved_at__isnull=False)
                & ~Q(approved_by=""),
                name="dsr_recordrule_approval_is_signed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.law}: {self.months} months"
