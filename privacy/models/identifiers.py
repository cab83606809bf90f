"""Identifiers of people, in the one place where they live (law 9)."""

from django.db import models

from privacy.models.sealing import SealedField


class Identifier(models.Model):
    """A phone number, an e-mail address or another mark of one person.

    The digest is keyed and stays, so that a STOP is honoured after an erasure: that
    is pseudonymous, not anonymous. The value and the hint go with an erasure.
    """

    class Kind(models.TextChoices):
        PHONE = "phone", "Phone number"
        EMAIL = "email", "E-mail address"
        NAME = "name", "Name"
        OTHER = "other", "Other identifier"

    kind = models.CharField(max_length=8, choices=Kind)
    digest = models.CharField(max_length=64, help_text="HMAC-SHA256, hexadecimal.")
    key_id = models.CharField(max_length=32, help_text="Key of the digest.")
    value = SealedField(null=True)
    hint = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField()
    erased_at = models.DateTimeField(null=True)

    class Meta:
        permissions = [("reveal_identifier", "Can see an identifier in clear")]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "digest"], name="privacy_identifier_once"
            ),
            models.CheckConstraint(
                condition=models.Q(erased_at=None, value__isnull=False)
                | models.Q(erased_at__isnull=False, value=None, hint=""),
                name="privacy_identifier_erased_is_empty",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.hint or '(erased)'}"
