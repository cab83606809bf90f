"""Requests of data subjects: what a person asked, by when, and what we decided."""

from django.db import models
from django.db.models import Q

from dsr.models.rights import Right
from privacy.models import Identifier, Plan
from privacy.models.sealing import SealedField


class Ticket(models.Model):
    """One request for one right. Only `dsr.tickets` changes its status."""

    class Status(models.TextChoices):
        RECEIVED = "received", "Received"
        PLANNED = "planned", "Waits for approval"
        APPROVED = "approved", "Approved"
        FULFILLING = "fulfilling", "Being carried out"
        ANSWERED = "answered", "Answered"
        REFUSED = "refused", "Refused, with a reason"
        WITHDRAWN = "withdrawn", "Withdrawn by the person"

    class Source(models.TextChoices):
        STAFF = "staff", "Entered by staff"
        MAIL = "mail", "E-mail"
        POST = "post", "Letter"
        COMMAND = "command", "Command line"
        API = "api", "Partner system"
        FORM = "form", "Public form"

    reference = models.CharField(max_length=20, unique=True)
    right = models.CharField(max_length=24, choices=Right)
    regime = models.CharField(max_length=16, help_text="The law it is answered under.")
    status = models.CharField(max_length=10, choices=Status, default=Status.RECEIVED)
    source = models.CharField(max_length=8, choices=Source)
    identifiers = models.ManyToManyField(Identifier, related_name="tickets")
    requester = SealedField(null=True, help_text="Name and address, as JSON.")
    words = SealedField(null=True, help_text="What they wrote.")
    received_at = models.DateTimeField()
    due_date = models.DateField(help_text="The last day to answer.")
    acknowledge_date = models.DateField(null=True)
    extended_date = models.DateField(null=True, help_text="With a notice in time.")
    arithmetic = models.TextField(help_text="How the date was reached, by which law.")
    plan = models.OneToOneField(Plan, models.PROTECT, null=True, related_name="ticket")
    decision = models.TextField(blank=True, help_text="Why it was closed as it was.")
    opened_by = models.CharField(max_length=150)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["due_date", "id"]
        indexes = [models.Index(fields=["status", "due_date"], name="dsr_ticket_due")]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    status__in=["answered", "refused", "withdrawn"],
                    closed_at__isnull=False,
                )
                | (
                    ~Q(status__in=["answered", "refused", "withdrawn"])
                    & Q(closed_at=None)
                ),
                name="dsr_ticket_closed_has_its_time",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["refused", "withdrawn"]) | ~Q(decision=""),
                name="dsr_ticket_refused_has_its_reason",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["received", "refused", "withdrawn"])
                | Q(plan__isnull=False),
                name="dsr_ticket_under_way_has_a_plan",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def is_open(self) -> bool:
        return self.closed_at is None


class Reference(models.Model):
    """The last number given out in a year."""

    year = models.PositiveSmallIntegerField(primary_key=True)
    last = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"R-{self.year}-{self.last:06}"
