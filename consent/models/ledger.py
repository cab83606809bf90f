"""The consent ledger: what people told us (events), and where they stand as a result
(standings)."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from consent.models.programs import Program
from privacy.models import Identifier
from privacy.models.sealing import SealedField


class Channel(models.TextChoices):
    SMS = "sms", "Text message"
    MMS = "mms", "Picture or RCS message"
    VOICE = "voice", "Call"
    EMAIL = "email", "E-mail"
    WEB = "web", "Web"


class Event(models.Model):
    """One thing one person told us. Rows are added, never changed (`months_v1.sql`).

    The database gives `sequence`, without gaps. `occurred_at` is when the person said
    it, `recorded_at` when we learned of it; the months of `recorded_at` are the
    partitions.
    """

    class Kind(models.TextChoices):
        OPT_IN = "opt_in", "Opted in"
        OPT_OUT = "opt_out", "Opted out"
        HELP = "help", "Asked for help"
        # by a list that has no words that were shown; it decides nothing
        CLAIM = "claim", "Said to have opted in, without proof,"
        # by the platform, of an opt-out that it had entered; it is no consent
        RELEASE = "release", "Opt-out lifted"
        # an event before was wrong; `evidence.corrects` is its number
        CORRECTION = "correction", "Correction"
        EXPIRY = "expiry", "Consent ended by time"
        REASSIGNMENT = "reassignment", "Number given to another person"

    class Source(models.TextChoices):
        """The sources of data that the policy declares."""

        DIRECT = "direct", "Directly from the person"
        AUTOMATIC = "automatic", "Automatically"
        PROVIDERS = "providers", "Service providers and integrations"
        THIRD_PARTY = "third_party", "Third-party platforms"

    class Scope(models.TextChoices):
        """How much of the sender it is about, where the person chose."""

        BARE = "", "As the rules say"
        SENDER = "sender", "One number of the sender"
        PROGRAM = "program", "One program of the sender"
        ORGANIZATION = "organization", "Every program of the sender"
        # an objection to it; or by another number of the person (`consent.carrying`)
        MARKETING = "marketing", "Marketing of the sender"
        ALL = "all", "Every sender"

    sequence = models.BigAutoField(primary_key=True)
    # its index is that on identifier and time
    identifier = models.ForeignKey(Identifier, models.PROTECT, db_index=False)
    channel = models.CharField(max_length=5, choices=Channel, help_text="Heard by.")
    covers = ArrayField(
        models.CharField(max_length=5, choices=Channel),
        default=list,
        blank=True,
        help_text="The channels it applies to; none for a request for help.",
    )
    kind = models.CharField(max_length=12, choices=Kind)
    organization = models.CharField(
        max_length=64, blank=True, help_text="Empty means every sender."
    )
    program = models.ForeignKey(Program, models.PROTECT, null=True)
    scope = models.CharField(
        max_length=12, choices=Scope, blank=True, default="", db_default=""
    )
    source = models.CharField(max_length=11, choices=Source)
    route = models.CharField(
        max_length=20, help_text="A carrier's name, support, import, web, platform."
    )
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=150)
    idempotency_key = models.CharField(max_length=120, null=True)
    evidence = models.JSONField(
        default=dict,
        help_text="Message, keyword, rule, our number; never personal data.",
    )

    class Meta:
        ordering = ["-sequence"]
        indexes = [
            models.Index(
                fields=["identifier", "occurred_at"], name="consent_event_of_whom"
            )
        ]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(idempotency_key=""),
                name="consent_event_key_not_blank",
            ),
            models.CheckConstraint(
                condition=models.Q(occurred_at__lte=models.F("recorded_at")),
                name="consent_event_not_from_the_future",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    kind__in=["help", "correction", "claim"], covers__len=0
                )
                | (
                    ~models.Q(kind__in=["help", "correction", "claim"])
                    & models.Q(covers__len__gt=0)
                ),
                name="consent_event_decides_something",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.get_channel_display().lower()}"


class LedgerLine(models.Model):
    """One line for every event there ever was: its number, its month, its key. Written
    by the database, and kept when the month is removed: numbers stay without gaps, and
    nothing is imported twice. It says nothing about a person."""

    sequence = models.BigIntegerField(primary_key=True)
    recorded_at = models.DateTimeField()
    key = models.BinaryField(
        max_length=32,
        null=True,
        unique=True,
        help_text="SHA-256 of the idempotency key.",
    )

    def __str__(self) -> str:
        return f"Line {self.sequence}"


class Utterance(models.Model):
    """What was said, in words that may be personal: sealed, and apart from its event,
    so that it can be destroyed while the ledger stays complete."""

    event = models.OneToOneField(
        Event, models.PROTECT, primary_key=True, db_constraint=False
    )
    words = SealedField()
    origin = SealedField(null=True, help_text="IP address and browser, where known.")

    def __str__(self) -> str:
        return f"Words of event {self.event_id}"


class Standing(models.Model):
    """Where a person stands now: derived from events, never written directly."""

    class State(models.TextChoices):
        OPTED_IN = "opt_in", "Opted in"
        OPTED_OUT = "opt_out", "Opted out"
        RELEASED = "release", "Opt-out lifted, no consent"
        EXPIRED = "expiry", "Consent ended by time"
        REASSIGNED = "reassignment", "Number given to another person"

    identifier = models.ForeignKey(Identifier, models.PROTECT)
    channel = models.CharField(max_length=5, choices=Channel)
    organization = models.CharField(max_length=64, blank=True)
    part = models.CharField(
        max_length=64,
        blank=True,
        default="",
        db_default="",
        help_text="Part of the sender: empty for all, * for exempted programs, p7 for "
        "program 7, marketing, service, or a number of ours.",
    )
    state = models.CharField(max_length=12, choices=State)
    since = models.DateTimeField()
    renewed_at = models.DateTimeField(help_text="When they last confirmed it.")
    heard_at = models.DateTimeField(
        null=True, help_text="When something was told last that changed nothing."
    )
    event = models.ForeignKey(
        Event,
        models.PROTECT,
        db_constraint=False,
        help_text="The event that decided.",
    )

    class Meta:
        indexes = [
            models.Index(
                fields=["renewed_at"],
                condition=models.Q(state="opt_in"),
                name="consent_standing_ends",
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["identifier", "channel", "organization", "part"],
                name="consent_standing_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_state_display()}, {self.get_channel_display().lower()}"
