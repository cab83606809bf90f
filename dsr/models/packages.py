"""The copy of their data that a person receives."""

from django.db import models

from dsr.models.tickets import Ticket


class Package(models.Model):
    """A sealed ZIP; its bytes go when it expires."""

    ticket = models.OneToOneField(Ticket, models.CASCADE, related_name="package")
    content = models.BinaryField(null=True, help_text="AES-256-GCM.")
    digest = models.CharField(max_length=64, help_text="SHA-256 of the ZIP.")
    size = models.PositiveBigIntegerField(help_text="Bytes.")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"Copy for {self.ticket}"
