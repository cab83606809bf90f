"""API keys of partner systems: scoped, shown once, stored as a digest."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from privacy.models.providers import Provider


class ApiKey(models.Model):
    name = models.SlugField(max_length=60, help_text="The system that uses it.")
    digest = models.CharField(
        max_length=64, unique=True, help_text="SHA-256 of 256 random bits."
    )
    scopes = ArrayField(models.CharField(max_length=40))
    recipient = models.ForeignKey(
        Provider,
        models.PROTECT,
        null=True,
        help_text="The recipient whose system uses it, under their contract; empty for "
        "our own.",
    )
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=150)
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.CharField(max_length=150, blank=True)

    class Meta:
        verbose_name = "API key"
        ordering = ["name", "-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["name"],
                condition=models.Q(revoked_at=None),
                name="privacy_apikey_one_in_use_of_a_name",
            ),
            models.CheckConstraint(
                condition=models.Q(scopes__len__gt=0), name="privacy_apikey_has_a_scope"
            ),
            models.CheckConstraint(
                condition=models.Q(revoked_at=None, revoked_by="")
                | (models.Q(revoked_at__isnull=False) & ~models.Q(revoked_by="")),
                name="privacy_apikey_revoked_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return self.name
