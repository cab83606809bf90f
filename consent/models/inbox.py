"""Messages that carriers delivered: each taken once; and long ones in segments."""

from django.db import models

from consent.models.programs import Program
from privacy.models import Identifier
from privacy.models.sealing import SealedField


class InboundMessage(models.Model):
    class Meaning(models.TextChoices):
        OPT_OUT = "opt_out", "Opt out"
        OPT_IN = "opt_in", "Opt in"
        HELP = "help", "Help"
        NONE = "none", "Nothing about consent"
        AMBIGUOUS = "ambiguous", "Unclear: a person should read it"

    class Replier(models.TextChoices):
        NOBODY = "", "Nobody"
        PORTAL = "portal", "The portal"
        CARRIER = "carrier", "The carrier itself"

    carrier = models.CharField(max_length=20)
    carrier_message_id = models.CharField(max_length=64)
    identifier = models.ForeignKey(Identifier, models.PROTECT)
    program = models.ForeignKey(Program, models.PROTECT, null=True)
    our_number = models.CharField(max_length=64)
    body = SealedField(
        null=True, help_text="The message text, until its period is over."
    )
    call = SealedField(
        null=True,
        help_text="The carrier's call, with its signature; ends with the text, or with "
        "the person's number.",
    )
    ended_at = models.DateTimeField(
        null=True, help_text="When the message text was deleted."
    )
    meaning = models.CharField(max_length=9, choices=Meaning)
    rule = models.CharField(max_length=160, blank=True, help_text="What recognised it.")
    also = models.CharField(
        "may also mean",
        max_length=60,
        blank=True,
        default="",
        db_default="",
        help_text="Messages have stopped; a person asks whether this was meant too.",
    )
    asked_at = models.DateTimeField("asked", null=True)
    set_aside_at = models.DateTimeField(
        "set aside",
        null=True,
        help_text="When a person read the unclear message and found no wish to stop.",
    )
    set_aside_by = models.CharField(
        max_length=150, blank=True, default="", db_default=""
    )
    received_at = models.DateTimeField()
    replied_by = models.CharField(max_length=7, choices=Replier, blank=True)
    reply = models.TextField(blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["meaning", "received_at"], name="consent_inbox_review"
            ),
            models.Index(
                fields=["received_at"],
                condition=models.Q(body__isnull=False),
                name="consent_inbox_words",
            ),
            models.Index(
                fields=["received_at"],
                condition=~models.Q(also="") & models.Q(asked_at=None),
                name="consent_inbox_to_ask",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["carrier", "carrier_message_id"], name="consent_inbox_once"
            ),
            models.CheckConstraint(
                condition=models.Q(body__isnull=True) ^ models.Q(ended_at=None),
                name="consent_inbox_words_or_their_end",
            ),
            models.CheckConstraint(
                condition=models.Q(call=None) | models.Q(body__isnull=False),
                name="consent_inbox_call_ends_with_words",
            ),
            models.CheckConstraint(
                condition=models.Q(set_aside_at=None) ^ ~models.Q(set_aside_by=""),
                name="consent_inbox_set_aside_is_signed",
            ),
            models.CheckConstraint(
                condition=models.Q(replied_by="portal") ^ models.Q(reply=""),
                name="consent_inbox_reply_is_ours",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.carrier} {self.carrier_message_id}"


class Segment(models.Model):
    """A piece of a long text, until all of it is here (`consent.segments`)."""

    message = models.OneToOneField(InboundMessage, models.CASCADE)
    reference = models.CharField(max_length=40, help_text="The carrier's.")
    number = models.PositiveSmallIntegerField()
    total = models.PositiveSmallIntegerField()
    read_at = models.DateTimeField(
        null=True, help_text="When it was read without the rest, which never came."
    )

    def __str__(self) -> str:
        return f"segment {self.number} of {self.total}"
