"""Where the platform keeps its own logs: of messages, and of opt-ins and opt-outs.

They are tables of a connected store; these rows say what each column holds.
"""

from django.db import models

from privacy.models import Table


class MessageLog(models.Model):
    """A table of sent messages, to compare with what people told us."""

    table = models.OneToOneField(Table, models.CASCADE)
    recipient = models.CharField(
        max_length=63, help_text="Column with the phone number."
    )
    sent_at = models.CharField(max_length=63, help_text="Column with the time.")
    direction = models.CharField(
        max_length=63,
        blank=True,
        help_text="Column that tells what we sent from what we got.",
    )
    outbound = models.CharField(max_length=40, blank=True, help_text="Its value.")
    kind = models.CharField(
        max_length=63,
        blank=True,
        help_text="Column that tells marketing from the rest.",
    )
    marketing = models.CharField(max_length=40, blank=True, help_text="Its value.")
    organization = models.CharField(
        max_length=63, blank=True, help_text="Column with the id of the organization."
    )
    sender = models.CharField(
        max_length=63,
        blank=True,
        default="",
        db_default="",
        help_text="Column with our sending number, which identifies the program.",
    )

    class Meta:
        verbose_name = "log of messages"
        verbose_name_plural = "logs of messages"

    def __str__(self) -> str:
        return f"Messages in {self.table}"


class OptLog(models.Model):
    """A table of opt-ins and opt-outs that the platform recorded itself.

    Its kinds are the ledger's own: opt_in, opt_out, help.
    """

    table = models.OneToOneField(Table, models.CASCADE)
    number = models.CharField(max_length=63, help_text="Column with the phone number.")
    channel = models.CharField(max_length=63)
    kind = models.CharField(max_length=63)
    occurred_at = models.CharField(max_length=63)
    organization = models.CharField(max_length=63, blank=True)
    taken_at = models.DateTimeField(
        null=True, help_text="When the ledger was last up to date with it."
    )

    def __str__(self) -> str:
        return f"Opt-ins and opt-outs in {self.table}"
