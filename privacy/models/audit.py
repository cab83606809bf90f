"""The tamper-evident trail: rows are added, never changed, each chained to the last."""

from django.db import models


class AuditEvent(models.Model):
    """Stands alone: no foreign keys, so it never blocks an erasure and survives it.

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
