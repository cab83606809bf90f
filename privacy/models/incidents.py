"""Breaches of personal data: what happened, whom it affected, who was told when."""

from django.db import models
from django.db.models import F, Q

from privacy.models.datamap import Table
from privacy.models.identifiers import Identifier
from privacy.models.periods import KeepingPeriod
from privacy.models.sealing import SealedField


class IncidentRule(models.Model):
    """Whom one law wants told of a breach, from how many people on, and by when."""

    class Whom(models.TextChoices):
        AUTHORITY = "authority", "The authority"
        PEOPLE = "people", "The people concerned"

    class Starts(models.TextChoices):
        AWARE = "aware", "When we became aware of it"
        DETERMINED = "determined", "When it was determined that it is a breach"
        PEOPLE_TOLD = "people_told", "When the people were told"

    class Unit(models.TextChoices):
        HOURS = "hours", "hours"
        CALENDAR_DAYS = "cal_days", "calendar days"
        BUSINESS_DAYS = "biz_days", "business days"

    class Mark(models.TextChoices):
        VERIFIED = "verified", "Checked against a source"
        MEMORY = "memory", "From memory; counsel must confirm it"
        HOUSE = "house", "Our own rule, not a law"

    code = models.SlugField(max_length=60)
    place = models.CharField("law (its code)", max_length=12)
    law = models.CharField(max_length=120)
    whom = models.CharField(max_length=9, choices=Whom)
    who = models.CharField(
        max_length=160, help_text="Which authority, or which people."
    )
    at_least = models.PositiveIntegerField(
        default=1, help_text="Applies from this many people in that place."
    )
    only_high_risk = models.BooleanField(default=False)
    starts = models.CharField(max_length=11, choices=Starts, default=Starts.AWARE)
    quantity = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        help_text="Empty: without undue delay, with no fixed number.",
    )
    unit = models.CharField(max_length=8, choices=Unit, blank=True)
    calendar = models.CharField(
        max_length=12, blank=True, help_text="Whose public holidays count: US, …"
    )
    citation = models.TextField()
    mark = models.CharField("how sure we are", max_length=8, choices=Mark)
    valid_from = models.DateField(
        null=True,
        blank=True,
        help_text="Empty: not in force, because its date is not known yet.",
    )
    valid_to = models.DateField(null=True, blank=True, help_text="Last day.")

    class Meta:
        verbose_name = "duty to notify of a breach"
        verbose_name_plural = "duties to notify of a breach"
        ordering = ["place", "whom", "code"]
        constraints = [
            models.UniqueConstraint(fields=["code"], name="privacy_incidentrule_once"),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")),
                name="privacy_incidentrule_ends_after_it_begins",
                violation_error_message="The last day is before the first.",
            ),
            models.CheckConstraint(
                condition=Q(quantity=None, unit="") | Q(quantity__gte=1) & ~Q(unit=""),
                name="privacy_incidentrule_period_is_whole",
                violation_error_message="Give a number and its unit, or neither if no "
                "period is fixed.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.law}: {self.who}"


class Incident(models.Model):
    """One breach. Its text names nobody; documents are sealed with the steps."""

    class Risk(models.TextChoices):
        UNKNOWN = "unknown", "Not known yet"
        UNLIKELY = "unlikely", "A risk to people is unlikely"
        RISK = "risk", "A risk to people"
        HIGH = "high", "A high risk to people"

    title = models.CharField(max_length=160, help_text="Names nobody.")
    facts = models.TextField(help_text="What happened, without naming anybody.")
    effects = models.TextField(
        blank=True, help_text="How it affected or may affect people."
    )
    remedy = models.TextField(blank=True, help_text="What was done about it.")
    risk = models.CharField(max_length=8, choices=Risk, default=Risk.UNKNOWN)
    tables = models.ManyToManyField(Table, help_text="Which data is affected.")
    occurred_at = models.DateTimeField(null=True)
    aware_at = models.DateTimeField(help_text="When we became aware of it.")
    determined_at = models.DateTimeField(null=True)
    recorded_by = models.CharField(max_length=150)
    recorded_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    closed_by = models.CharField(max_length=150, blank=True)

    class Meta:
        ordering = ["-aware_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(closed_at=None, closed_by="")
                | Q(closed_at__isnull=False)
                & ~Q(closed_by="")
                & ~Q(effects="")
                & ~Q(remedy=""),
                name="privacy_incident_closed_whole",
            )
        ]

    def __str__(self) -> str:
        return self.title


class IncidentReach(models.Model):
    """How many people of a place are affected, as far as is known."""

    incident = models.ForeignKey(Incident, models.CASCADE, related_name="reach")
    place = models.CharField(max_length=12)
    people = models.PositiveBigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["incident", "place"], name="privacy_incidentreach_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.place}: {self.people}"


class IncidentPerson(models.Model):
    """One affected person, by the number or address they were found by."""

    incident = models.ForeignKey(Incident, models.CASCADE, related_name="people")
    identifier = models.ForeignKey(
        Identifier, models.PROTECT, null=True, help_text="Empty once past its period."
    )
    place = models.CharField(max_length=12)
    found_in = models.CharField(
        max_length=300, help_text="A list, or the column they come from."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["incident", "identifier"], name="privacy_incidentperson_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.place}: {self.identifier or 'no longer named'}"


class IncidentPeriod(KeepingPeriod):
    months = models.PositiveSmallIntegerField(
        help_text="Counted from the day it was closed."
    )

    class Meta(KeepingPeriod.Meta):
        verbose_name = "period for people affected by a breach"
        verbose_name_plural = "how long people affected by a breach are named"
        permissions = [
            (
                "preview_incidentperiod",
                "Can plan that people affected are no longer named",
            )
        ]


class IncidentStep(models.Model):
    """What was done about one duty: they were told, or it was decided why they need not
    be."""

    class Kind(models.TextChoices):
        TOLD = "told", "Told"
        SPARED = "spared", "Need not be told"

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="steps")
    rule = models.ForeignKey(IncidentRule, models.PROTECT)
    kind = models.CharField(max_length=6, choices=Kind)
    at = models.DateTimeField(
        help_text="When they were told, or when it was decided that they need not be."
    )
    people = models.PositiveBigIntegerField(
        null=True, help_text="How many people were told."
    )
    ground = models.TextField(blank=True)
    document = SealedField(null=True, help_text="The proof, in base64.")
    digest = models.CharField(max_length=64, blank=True, help_text="SHA-256 of it.")
    by = models.CharField(max_length=150)
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ["recorded_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(kind="spared") | ~Q(ground=""),
                name="privacy_incidentstep_spared_with_a_ground",
            ),
            models.UniqueConstraint(
                fields=["incident", "rule"], name="privacy_incidentstep_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.rule}"
