"""The tamper-evident audit trail: rows are added, never changed, each chained to the
last."""

from django.db import models
from django.db.models import Q


class AuditEvent(models.Model):
    """Has no foreign keys, so it never blocks an erasure and survives it.

    `payload` is the truth; the other columns repeat parts of it for searching.
    `sequence`, `previous` and `hash` are set by the database.
    """

    sequence = models.BigAutoField(primary_key=True)
    at = models.DateTimeField()
    by = models.CharField(max_length=150)
    action = models.CharField(max_length=64)
    subject = models.CharField(max_length=120, help_text="What was acted on.")
    payload = models.TextField(help_text="Canonical JSON; no personal data.")
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        ordering = ["-sequence"]
        indexes = [
            models.Index(fields=["subject", "sequence"], name="privacy_audit_subject"),
            models.Index(fields=["action", "sequence"], name="privacy_audit_action"),
        ]

    def __str__(self) -> str:
        return f"{self.sequence}: {self.action}"


class TrailVerification(models.Model):
    """A worker's verification of the whole trail, continued by the next worker if it
    stops."""

    class State(models.TextChoices):
        RUNNING = "running", "Being read"
        WHOLE = "whole", "Whole"
        BROKEN = "broken", "Broken"

    state = models.CharField(max_length=7, choices=State, default=State.RUNNING)
    asked_by = models.CharField(max_length=150)
    asked_at = models.DateTimeField()
    rows = models.BigIntegerField("rows read", default=0)
    last = models.CharField(max_length=64, help_text="The hash of the last of them.")
    problem = models.TextField(blank=True, help_text="The first row that is wrong.")
    finished_at = models.DateTimeField(null=True)
    leased_until = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-asked_at"]
        verbose_name = "verification of the trail"
        verbose_name_plural = "verifications of the trail"
        constraints = [
            models.UniqueConstraint(
                fields=["state"],
                condition=Q(state="running"),
                name="privacy_verification_one_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(state="running", finished_at=None)
                | Q(state__in=["whole", "broken"], finished_at__isnull=False),
                name="privacy_verification_finished_has_its_time",
            ),
            models.CheckConstraint(
                condition=Q(state="broken") ^ Q(problem=""),
                name="privacy_verification_broken_says_where",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_state_display()}, asked for by {self.asked_by}"
