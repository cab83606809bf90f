"""Who is told of every change of consent, and what became of each delivery."""

from django.db import models

from consent.models.ledger import Event
from privacy.models import Provider
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
    """One event for one endpoint: accepted, retried, or given up."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        TAKEN = "taken", "Taken"
        GIVEN_UP = "given_up", "Given up"

    endpoint = models.ForeignKey(Endpoint, models.CASCADE)
    event = models.ForeignKey(Event, models.CASCADE, db_constraint=False)
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
            )
        ]

    def __str__(self) -> str:
        return f"Event {self.event_id} for {self.endpoint_id}"
