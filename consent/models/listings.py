"""Lists that forbid contact, apart from what the person told us; and reassigned
numbers."""

from django.db import models

from consent.models.dated import DatedRule
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


class ListingBefore(models.Model):
    """A listing as it was until the same number was put on the same list again. The
    database adds it with that change, and keeps it."""

    identifier = models.ForeignKey(Identifier, models.PROTECT)
    list = models.CharField(max_length=11, choices=Listing.List)
    listed_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True)
    source = models.CharField(max_length=120)
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=150)
    until = models.DateTimeField(help_text="When it was put again.")

    def __str__(self) -> str:
        return str(self.get_list_display())


class DoNotCallRule(DatedRule):
    """How long a request to be left alone is kept and honoured. Of the rules of the
    place the longest counts."""

    years = models.PositiveSmallIntegerField(default=0)
    days = models.PositiveSmallIntegerField("and days", default=0)

    class Meta(DatedRule.Meta):
        verbose_name = "period of do-not-call requests"
        verbose_name_plural = "periods of do-not-call requests"
        constraints = [
            *DatedRule.Meta.constraints,
            models.CheckConstraint(
                condition=models.Q(years__gte=1) | models.Q(days__gte=1),
                name="consent_donotcallrule_keeps_something",
                violation_error_message="The period must be at least one day.",
            ),
        ]

    @property
    def says(self) -> str:
        parts = [(self.years, "years"), (self.days, "days")]
        return " and ".join(f"{many} {unit}" for many, unit in parts if many)


class RegistryRule(DatedRule):
    """How old the copy of a registry may be by which calls and texts are held back."""

    list = models.CharField(
        max_length=11,
        choices=[
            (each.value, each.label)
            for each in (Listing.List.DO_NOT_CALL, Listing.List.STATE)
        ],
    )
    days = models.PositiveSmallIntegerField("most days")

    class Meta(DatedRule.Meta):
        verbose_name = "age of a registry's copy"
        verbose_name_plural = "ages of registries' copies"

    @property
    def says(self) -> str:
        return f"{self.get_list_display()}: {self.days} days"
