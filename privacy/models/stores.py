"""Connected databases and file storages."""

import datetime as dt

from django.db import models

from privacy.models.sealing import SealedField


class Live(models.Manager["Store"]):
    """Without those that are gone for good (`stores.retire`)."""

    def get_queryset(self) -> models.QuerySet["Store"]:
        return super().get_queryset().filter(retired_at=None)


class Store(models.Model):
    class Kind(models.TextChoices):
        DATABASE = "database", "Database"
        FILES = "files", "File storage"

    name = models.SlugField(unique=True)
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.DATABASE)
    address = SealedField(help_text="Its URL, including the password.")
    place = models.CharField(max_length=200, help_text="The URL without its secret.")
    is_production = models.BooleanField("in production", default=True)
    works_from = models.TimeField(
        "sweeps from",
        null=True,
        blank=True,
        help_text="Sweeps run only from this time of day (UTC).",
    )
    works_until = models.TimeField(
        "sweeps until", null=True, blank=True, help_text="… until this one."
    )
    most_lock_waits = models.PositiveSmallIntegerField(
        "most sessions that wait for locks",
        default=5,
        help_text="While more sessions than this wait for locks, sweeps wait too.",
    )
    most_lag_seconds = models.PositiveIntegerField(
        "most seconds that a replica lags",
        default=30,
        help_text="While a replica is further behind, sweeps wait.",
    )
    backups_days = models.PositiveSmallIntegerField(
        "days that backups are kept", null=True, blank=True
    )
    connected_by = models.CharField(max_length=150)
    connected_at = models.DateTimeField()
    checked_at = models.DateTimeField(null=True)
    problem = models.TextField(blank=True, help_text="Why the last check failed.")
    retired_at = models.DateTimeField(
        null=True, blank=True, help_text="Gone, and not searched."
    )
    retired_by = models.CharField(max_length=150, blank=True)
    retired_why = models.TextField(blank=True)

    objects = Live()
    every: "models.Manager[Store]" = models.Manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def backups_until(self, ended_at: dt.datetime) -> dt.datetime | None:
        """Until when a backup may still hold what was erased then."""
        if self.backups_days is None:
            return None
        return ended_at + dt.timedelta(days=self.backups_days)

    @property
    def alias(self) -> str:
        return f"store_{self.pk}"
