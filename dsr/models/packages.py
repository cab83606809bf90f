"""The copy of their data that a person receives."""

from django.db import models

from dsr.models.tickets import Ticket
from privacy.models.sealing import SealedField


class Package(models.Model):
    """A ZIP in sealed pieces, which are destroyed when it expires."""

    ticket = models.OneToOneField(Ticket, models.CASCADE, related_name="package")
    digest = models.CharField(max_length=64, help_text="SHA-256 of the ZIP.")
    size = models.PositiveBigIntegerField(help_text="Bytes.", default=0)
    password = SealedField(help_text="Of the ZIP as the person gets it (AES).")
    made_at = models.DateTimeField()
    own = models.JSONField(
        default=dict,
        db_default={},
        help_text="Rows of the portal's own records, by sheet; names nobody.",
    )
    expires_at = models.DateTimeField()
    expired_at = models.DateTimeField(null=True, help_text="When its pieces went.")
    downloads = models.PositiveSmallIntegerField(default=0, help_text="By the person.")
    downloaded_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"Copy for {self.ticket}"


class PackagePart(models.Model):
    """One piece of a package, so that no worker or page holds all of it."""

    package = models.ForeignKey(Package, models.CASCADE, related_name="parts")
    number = models.PositiveIntegerField()
    content = models.BinaryField(help_text="AES-256-GCM.")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["package", "number"], name="dsr_packagepart_once"
            )
        ]

    def __str__(self) -> str:
        return f"Piece {self.number}"
