"""Second factors: what staff prove beside their password."""

from django.conf import settings
from django.db import models

from privacy.models.sealing import SealedField


class Factor(models.Model):
    """A factor that has been proved; an unfinished set-up is not stored."""

    class Kind(models.TextChoices):
        APP = "app", "authenticator app"
        PASSKEY = "passkey", "passkey"

    holder = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="factors"
    )
    kind = models.CharField(max_length=7, choices=Kind)
    secret = SealedField()
    accepted = models.BigIntegerField(
        default=0,
        help_text="What was last accepted (an app's half-minute, a passkey's count): "
        "only a later one is accepted.",
    )
    created_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["pk"]
        default_permissions = ()
        permissions = [("reset_factor", "Can reset a second factor that was lost")]
        constraints = [
            models.UniqueConstraint(
                fields=["holder"],
                condition=models.Q(kind="app"),
                name="privacy_factor_one_app_a_person",
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=["app", "passkey"]),
                name="privacy_factor_is_of_a_kind",
            ),
        ]

    def __str__(self) -> str:
        return str(self.get_kind_display())


class RecoveryCode(models.Model):
    """For the day the factor is lost; each code works once."""

    holder = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="recovery_codes"
    )
    digest = models.CharField(
        max_length=64, unique=True, help_text="SHA-256 of 80 random bits."
    )
    used_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return "recovery code"


class FactorReset(models.Model):
    """The reset of a lost factor: one person asks, another confirms."""

    holder = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="factor_resets"
    )
    reason = models.CharField(max_length=300)
    asked_by = models.CharField(max_length=150)
    asked_at = models.DateTimeField()
    confirmed_by = models.CharField(max_length=150, blank=True)
    confirmed_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["holder"],
                condition=models.Q(confirmed_at=None),
                name="privacy_factorreset_one_waits",
            ),
            models.CheckConstraint(
                condition=models.Q(confirmed_at=None, confirmed_by="")
                | models.Q(confirmed_at__isnull=False)
                & ~models.Q(confirmed_by="")
                & ~models.Q(confirmed_by=models.F("asked_by")),
                name="privacy_factorreset_by_two",
            ),
        ]

    def __str__(self) -> str:
        return f"Reset for {self.holder}"


class SignInTry(models.Model):
    """An attempt that failed or is being checked; removed by a successful sign-in, or
    after a day."""

    who = models.CharField(
        max_length=64, help_text="A keyed digest of a sign-in name or a place."
    )
    at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        indexes = [
            models.Index(fields=["who", "at"], name="privacy_signintry_who_at"),
            models.Index(fields=["at"], name="privacy_signintry_at"),
        ]

    def __str__(self) -> str:
        return f"{self.at}"
