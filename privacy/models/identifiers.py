"""Identifiers of people, in the one place where they are stored (law 9)."""

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
        permissions = [("reveal_identifier", "Can see an identifier unmasked")]
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


class OwnerPeriod(models.Model):
    """The first and last day on which one owner had an identifier; numbers are
    reassigned.

    Both days are included; an open end is unknown or has not come.
    """

    identifier = models.ForeignKey(
        Identifier, models.PROTECT, related_name="owner_periods"
    )
    since = models.DateField(null=True, blank=True, help_text="First day.")
    until = models.DateField(null=True, blank=True, help_text="Last day.")
    ground = models.TextField(help_text="How we know.")
    noted_by = models.CharField(max_length=150)
    noted_at = models.DateTimeField()

    class Meta:
        ordering = ["identifier", "since"]
        verbose_name = "owner of an identifier"
        verbose_name_plural = "owners of identifiers"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(since__lte=models.F("until"))
                | models.Q(since=None, until__isnull=False)
                | models.Q(since__isnull=False, until=None),
                name="privacy_owner_period_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.identifier}, {self.since or '…'} to {self.until or '…'}"
