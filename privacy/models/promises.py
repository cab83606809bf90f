"""The promises of the policy, and what each check of them found."""

from django.db import models


class Promise(models.Model):
    code = models.SlugField(primary_key=True)
    section = models.CharField(max_length=80)
    sentence = models.TextField(help_text="What the policy says.")
    quote = models.TextField(blank=True, help_text="In its own words.")
    control = models.TextField(help_text="What keeps it.")
    violation = models.TextField(help_text="What would break it.")
    order = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["order"]

    def __str__(self) -> str:
        return self.code


class PromiseCheck(models.Model):
    """One check of one promise: kept, broken, or not yet kept because nothing checks
    it."""

    class State(models.TextChoices):
        KEPT = "kept", "Kept"
        BROKEN = "broken", "Broken"
        UNKEPT = "unkept", "Not yet kept"
        UNKNOWN = "unknown", "Could not be checked"

    promise = models.ForeignKey(Promise, models.CASCADE, related_name="checks")
    state = models.CharField(max_length=8, choices=State)
    summary = models.TextField()
    evidence = models.JSONField(
        default=list, help_text="Sentences with counts and links; no personal data."
    )
    checked_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(
                fields=["promise", "-checked_at", "-id"], name="privacy_check_latest"
            )
        ]

    def __str__(self) -> str:
        return f"{self.promise_id}: {self.get_state_display()}"


class Acknowledgement(models.Model):
    """A violation that can't be undone, assessed by a person who gave a reason."""

    promise = models.ForeignKey(Promise, models.PROTECT)
    subject = models.CharField(max_length=200, help_text="Which row, by store and key.")
    reason = models.TextField()
    acknowledged_by = models.CharField(max_length=150)
    acknowledged_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["promise", "subject"], name="privacy_acknowledgement_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.promise_id}, acknowledged"
