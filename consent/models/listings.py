"""Lists that forbid contact, apart from what the person told us; and reassigned
numbers."""

from django.db import models

from consent.models.imports import Import
from privacy.models import Identifier


class Listing(models.Model):
    """One number on one list. It counts from `listed_at`, until `ends_at` if given.

    A row that was ended by a newer copy of the whole list never changes again
    (`listings_v1.sql`); a number that comes back gets another row.
    """

    class List(models.TextChoices):
        DO_NOT_CALL = "do_not_call", "National do-not-call registry"
        STATE = "state", "A state's do-not-call list"
        REQUESTED = "requested", "Our own do-not-call list"
        REASSIGNED = "reassigned", "Reassigned to another person"

    identifier = models.ForeignKey(Identifier, models.PROTECT)
    list = models.CharField(max_length=11, choices=List)
    listed_at = models.DateTimeField(
        help_text="Since when; for a reassigned number, when the previous person "
        "lost it."
    )
    ends_at = models.DateTimeField(null=True, blank=True)
    source = models.CharField(max_length=120, help_text="The file and its version.")
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=150)
    seen_in = models.ForeignKey(
        Import,
        models.PROTECT,
        null=True,
        related_name="+",
        help_text="The last complete copy that listed it.",
    )
    ended_by = models.ForeignKey(
        Import,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name="no longer in",
        help_text="The first complete copy that no longer listed it.",
    )

    class Meta:
        indexes = [
            models.Index(
                fields=["listed_at", "id"],
                condition=models.Q(list__in=["requested", "reassigned"], ended_by=None),
                name="consent_listing_of_ours",
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["identifier", "list"],
                condition=models.Q(ended_by=None),
                name="consent_listing_once",
            ),
            models.CheckConstraint(
                condition=models.Q(ended_by=None) | models.Q(ends_at__isnull=False),
                name="consent_listing_ended_has_its_end",
            ),
            models.CheckConstraint(
                condition=models.Q(ends_at=None)
                | models.Q(ends_at__gt=models.F("listed_at")),
                name="consent_listing_ends_after_it_begins",
            ),
        ]

    def __str__(self) -> str:
        return str(self.get_list_display())
