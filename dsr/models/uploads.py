"""Files that a person sends with a request: sealed, and deleted when no longer
needed."""

from django.db import models
from django.db.models import Q

from dsr.models.mailbox import Mail
from dsr.models.messages import Message
from dsr.models.tickets import Ticket
from privacy.models.large import WithoutLarge
from privacy.models.sealing import SealedField


class Upload(models.Model):
    class Purpose(models.TextChoices):
        IDENTITY = "identity", "Proof of who they are"
        AUTHORITY = "authority", "Proof that they may act for somebody"
        OTHER = "other", "Something to look at"

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="uploads")
    message = models.ForeignKey(
        Message,
        models.CASCADE,
        null=True,
        related_name="uploads",
        help_text="The message it came with; empty if it came with the request.",
    )
    mail = models.ForeignKey(
        Mail, models.SET_NULL, null=True, related_name="uploads", help_text="By which."
    )
    purpose = models.CharField(max_length=9, choices=Purpose)
    name = SealedField(null=True, help_text="The file name the person gave it.")
    content = models.BinaryField(null=True, help_text="AES-256-GCM.")
    media_type = models.CharField(max_length=80)
    size = models.PositiveIntegerField(help_text="Bytes.")
    digest = models.CharField(max_length=64, help_text="SHA-256 of the file.")
    uploaded_at = models.DateTimeField()
    uploaded_by = models.CharField(max_length=150, blank=True, help_text="Of staff.")
    removed_at = models.DateTimeField(null=True)

    objects = WithoutLarge["Upload"]("content")

    class Meta:
        ordering = ["uploaded_at", "id"]
        permissions = [("read_upload", "Can open what people sent as proof")]
        constraints = [
            models.CheckConstraint(
                condition=Q(removed_at=None, content__isnull=False, name__isnull=False)
                | Q(removed_at__isnull=False, content=None, name=None),
                name="dsr_upload_removed_is_empty",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()} for {self.ticket}"

    @property
    def until(self) -> str:
        """When it is deleted, in words; it depends on its kind."""
        if self.removed_at:
            return f"deleted on {self.removed_at.day} {self.removed_at:%B %Y}"
        return {
            self.Purpose.IDENTITY: "deleted once it is decided who they are",
            self.Purpose.AUTHORITY: "deleted once all of the request is answered",
        }.get(self.Purpose(self.purpose), "kept as long as the record of the request")
