"""Who is told of every change of consent, and what became of each delivery."""

from django.db import models

from consent.models.ledger import Event
from privacy.models import Identifier, Provider
from privacy.models.sealing import SealedField


class Endpoint(models.Model):
    """An address of another system. While its secret is rotated it has two."""

    name = models.SlugField(max_length=60, unique=True)
    url = models.URLField(max_length=500)
    recipient = models.ForeignKey(
        Provider,
        models.PROTECT,
        null=True,
        help_text="The recipient whose contract allows numbers and addresses to go "
        "there; without one, only event numbers are sent.",
    )
    secret = SealedField()
    previous_secret = SealedField(null=True)
    is_active = models.BooleanField("in use", default=False)
    asked_by = models.CharField(
        "asked for by",
        max_length=150,
        blank=True,
        help_text="Who asked that it be told. Until somebody else agrees it is told "
        "nothing.",
    )
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=150)

    class Meta:
        ordering = ["name"]
        permissions = [("agree_endpoint", "Can agree that a system is told of changes")]
        constraints = [
            models.CheckConstraint(
                name="consent_endpoint_two_people",
                condition=models.Q(is_active=False) | models.Q(asked_by=""),
            )
        ]

    def __str__(self) -> str:
        return self.name


class Delivery(models.Model):
    """One change for one endpoint: accepted, retried, or given up. A change that is no
    event of the ledger is `said`, without whose it is."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        TAKEN = "taken", "Taken"
        GIVEN_UP = "given_up", "Given up"

    class Type(models.TextChoices):
        CHANGED = "consent.changed", "An event of the ledger"
        LISTED = "list.changed", "Our own do-not-call list, or a reassigned number"
        COPIED = "registry.copied", "A do-not-call registry's new copy"
        REVIEWED = "review.changed", "An unclear message"
        RESTRICTED = "restriction.changed", "A restriction of processing"
        OBJECTED = "objection.changed", "A use of data that a person forbade"
        DEALT = "dealing.recorded", "A purchase or inquiry that implies consent"
        DERIVED = "standings.derived", "All states, by other rules"

    endpoint = models.ForeignKey(Endpoint, models.CASCADE)
    type = models.CharField(
        "what changed",
        max_length=19,
        choices=Type,
        default=Type.CHANGED,
        db_default=Type.CHANGED,
    )
    event = models.ForeignKey(Event, models.CASCADE, null=True, db_constraint=False)
    identifier = models.ForeignKey(Identifier, models.PROTECT, null=True)
    said = models.JSONField(default=dict, db_default={})
    key = models.CharField(
        max_length=80, null=True, help_text="What is found again is told once."
    )
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField()
    last_status = models.PositiveSmallIntegerField(
        null=True, help_text="HTTP status of the last answer; 0 if there was none."
    )
    taken_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "deliveries"
        indexes = [
            models.Index(
                fields=["next_at"],
                condition=models.Q(state="waiting"),
                name="consent_delivery_waiting",
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["endpoint", "event"], name="consent_delivery_once"
            ),
            models.UniqueConstraint(
                fields=["key", "endpoint"], name="consent_delivery_of_a_key_once"
            ),
            models.CheckConstraint(
                condition=models.Q(type="consent.changed", event__isnull=False)
                | ~models.Q(type="consent.changed") & models.Q(event=None),
                name="consent_delivery_of_an_event",
            ),
        ]

    def __str__(self) -> str:
        what = f"Event {self.event_id}" if self.event_id else self.get_type_display()
        return f"{what} for {self.endpoint_id}"

    @property
    def person(self) -> Identifier | None:
        return self.event.identifier if self.event else self.identifier
