"""Messages in a platform's log that should not have been sent."""

from django.db import models

from consent.models.ledger import Event
from consent.models.listings import Listing
from consent.models.logs import MessageLog
from consent.models.programs import Program
from privacy.models import Identifier


class LateMessage(models.Model):
    """One message sent after an opt-out, or marketing after a request to be left alone,
    as the last search found it.

    It is named by its key in the log; its content is not stored here.
    """

    log = models.ForeignKey(MessageLog, models.CASCADE)
    key = models.CharField(max_length=300, help_text="The row in the log.")
    identifier = models.ForeignKey(Identifier, models.PROTECT)
    organization = models.CharField(max_length=64, blank=True, verbose_name="sender")
    program = models.ForeignKey(
        Program,
        models.SET_NULL,
        null=True,
        help_text="Our number, if the log names it.",
    )
    sent_at = models.DateTimeField()
    opted_out_at = models.DateTimeField()
    event = models.ForeignKey(
        Event,
        models.PROTECT,
        null=True,
        db_constraint=False,
        help_text="The opt-out.",
    )
    listing = models.ForeignKey(
        Listing, models.CASCADE, null=True, help_text="Or the request."
    )
    is_marketing = models.BooleanField("marketing", default=False)
    seen_at = models.DateTimeField(help_text="When the log was last checked.")

    class Meta:
        verbose_name = "message after an opt-out"
        verbose_name_plural = "messages after an opt-out"
        constraints = [
            models.UniqueConstraint(
                fields=["log", "key"], name="consent_late_message_once"
            ),
            models.CheckConstraint(
                condition=models.Q(event__isnull=False, listing=None)
                | models.Q(event=None, listing__isnull=False),
                name="consent_late_message_after_one_thing",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.log.table}:{self.key}"
