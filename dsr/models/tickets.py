"""What a person asked for, right by right: by when, and what we decided."""

from typing import Any

from django.db import models
from django.db.models import F, Q

from dsr.models.grounds import Ground
from dsr.models.requests import Request
from dsr.models.rights import Right
from privacy.models import Identifier, Plan

CLOSED = ("answered", "refused", "withdrawn")


class Ticket(models.Model):
    """One right of one request, with its own clock, decision and ground.

    Only `dsr.tickets` changes its status.
    """

    class Status(models.TextChoices):
        RECEIVED = "received", "Received"
        PLANNED = "planned", "Waiting for approval"
        APPROVED = "approved", "Approved"
        FULFILLING = "fulfilling", "Being carried out"
        ANSWERED = "answered", "Answered"
        REFUSED = "refused", "Refused, with a reason"
        WITHDRAWN = "withdrawn", "Withdrawn by the person"

    class Outcome(models.TextChoices):
        WHOLE = "whole", "Done as asked"
        PART = "part", "Done in part"
        NOTHING = "nothing", "Nothing to do: no data found"
        DENIED = "denied", "Denied"
        NONE = "none", "Taken back"

    Source = Request.Source

    reference = models.CharField(max_length=20, unique=True)
    request = models.ForeignKey(Request, models.CASCADE, related_name="tickets")
    about = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        related_name="appeals",
        help_text="The decision that an appeal or a complaint is about.",
    )
    against = models.CharField(
        max_length=20,
        blank=True,
        help_text="The number of a decision, as whoever appeals gave it.",
    )
    right = models.CharField(max_length=24, choices=Right)
    regime = models.CharField(max_length=16, help_text="The law it is answered under.")
    asked_under = models.CharField(
        max_length=16,
        blank=True,
        help_text="The law that was named, if it gave no such right that day.",
    )
    status = models.CharField(max_length=10, choices=Status, default=Status.RECEIVED)
    identifiers = models.ManyToManyField(Identifier, related_name="tickets")
    left_out = models.ManyToManyField(
        Identifier,
        related_name="left_out_of",
        help_text="Named, but nobody showed that it is theirs: no letter goes there.",
    )
    received_at = models.DateTimeField()
    due_date = models.DateField(help_text="The last day to answer.")
    acknowledge_date = models.DateField(null=True)
    acknowledged_at = models.DateTimeField(null=True)
    extended_date = models.DateField(
        null=True, help_text="If the person is told in time."
    )
    extended_at = models.DateTimeField(null=True, help_text="When they were told.")
    extension_reason = models.TextField(blank=True)
    identified_on = models.DateField(null=True, help_text="When we knew who they are.")
    arithmetic = models.TextField(help_text="How the date was reached, by which law.")
    plan = models.OneToOneField(Plan, models.PROTECT, null=True, related_name="ticket")
    plans = models.ManyToManyField(
        Plan, related_name="tickets", help_text="Each that was made for it."
    )
    decision = models.TextField(blank=True, help_text="Why it was closed this way.")
    outcome = models.CharField(max_length=7, choices=Outcome, blank=True)
    ground = models.ForeignKey(
        Ground, models.PROTECT, null=True, help_text="The ground for what was not done."
    )
    decided_by = models.CharField(max_length=150, blank=True)
    decided_at = models.DateTimeField(null=True)
    round = models.PositiveSmallIntegerField(
        default=1,
        help_text="How many times it was answered; more than once if a "
        "hold had kept a part.",
    )
    trouble = models.TextField(
        blank=True, help_text="Why a worker could not finish it, at its last try."
    )
    opened_by = models.CharField(max_length=150)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["due_date", "id"]
        permissions = [("export_register", "Can export the register")]
        indexes = [models.Index(fields=["status", "due_date"], name="dsr_ticket_due")]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=CLOSED, closed_at__isnull=False)
                | (~Q(status__in=CLOSED) & Q(closed_at=None)),
                name="dsr_ticket_closed_has_its_time",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["refused", "withdrawn"]) | ~Q(decision=""),
                name="dsr_ticket_refused_has_its_reason",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["received", "refused", "withdrawn"])
                | ~Q(status="planned") & ~Q(right__in=Right.planned())
                | Q(plan__isnull=False),
                name="dsr_ticket_under_way_has_a_plan",
            ),
            models.CheckConstraint(
                condition=Q(status="answered", outcome__in=["whole", "part", "nothing"])
                | Q(status="refused", outcome="denied")
                | Q(status="withdrawn", outcome="none")
                | ~Q(status__in=CLOSED),
                name="dsr_ticket_closed_has_its_outcome",
            ),
            models.CheckConstraint(
                condition=~Q(outcome__in=["part", "denied"]) | Q(ground__isnull=False),
                name="dsr_ticket_not_done_has_its_ground",
            ),
            models.CheckConstraint(
                condition=Q(extended_at=None, extension_reason="")
                | Q(extended_at__isnull=False, extended_date__isnull=False)
                & ~Q(extension_reason=""),
                name="dsr_ticket_extension_has_its_reason",
            ),
            models.CheckConstraint(
                condition=Q(decided_at=None, decided_by="")
                | Q(decided_at__isnull=False) & ~Q(decided_by=""),
                name="dsr_ticket_decision_is_signed",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def is_open(self) -> bool:
        return self.closed_at is None

    @property
    def source(self) -> str:
        return self.request.source

    @property
    def requester(self) -> Any:
        return self.request.requester

    @property
    def words(self) -> Any:
        return self.request.words


class Withheld(models.Model):
    """A part of a request that was not done, and its ground."""

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="withheld")
    ground = models.ForeignKey(Ground, models.PROTECT)
    what = models.CharField(
        max_length=200, help_text="Which part, without naming anybody."
    )
    rows = models.PositiveIntegerField(default=0)
    until = models.DateField(null=True, help_text="When it will be done, if known.")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["ticket", "ground", "what"], name="dsr_withheld_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.what}: {self.ground}"


class Clarification(models.Model):
    """We asked what was meant; where the law says so, these days do not count."""

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="clarifications")
    asked_on = models.DateField()
    answered_on = models.DateField(null=True)
    asked_by = models.CharField(max_length=150)

    class Meta:
        ordering = ["asked_on"]
        constraints = [
            models.CheckConstraint(
                condition=Q(answered_on=None) | Q(answered_on__gte=F("asked_on")),
                name="dsr_clarification_answered_after_it_was_asked",
            ),
            models.UniqueConstraint(
                fields=["ticket"],
                condition=Q(answered_on=None),
                name="dsr_clarification_one_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"Question of {self.asked_on}"


class Reference(models.Model):
    """The last number given out in a year."""

    year = models.PositiveSmallIntegerField(primary_key=True)
    last = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"R-{self.year}-{self.last:06}"
