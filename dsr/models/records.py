"""How long the record of a request names the person: dated rows (law 12)."""

from django.db import models

from privacy.models import KeepingPeriod


class RecordRule(KeepingPeriod):
    months = models.PositiveSmallIntegerField(help_text="From the last answer.")

    class Meta(KeepingPeriod.Meta):
        verbose_name = "period for records of requests"
        verbose_name_plural = "how long records of requests are kept"
        permissions = [
            ("preview_recordrule", "Can plan that old records of requests end")
        ]
