"""What is to happen to which rows: frozen, approved by a second person, carried out.

A plan is made for a person (erasure, access), for a rule (sweep) or for values that
should not be stored (scrub). Its ranges are the work, claimed by any number of workers.
"""

import uuid

from django.db import models

from privacy.models.datamap import Table
from privacy.models.identifiers import Identifier
from privacy.models.retention import Rule
from privacy.models.sealing import SealedField

HELD = "A hold keeps rows that are past their date: {rows}."


class Plan(models.Model):
    class Kind(models.TextChoices):
        ERASURE = "erasure", "Erasure of a person"
        ACCESS = "access", "Copy for a person"
        SWEEP = "sweep", "Retention sweep"
        SCRUB = "scrub", "Removal of values found in text"
        CORRECTION = "correct", "Correction for a person"
        RECORDS = "records", "End of the portal's own records"

    class Status(models.TextChoices):
        PLANNED = "planned", "Waiting for approval"
        APPROVED = "approved", "Approved"
        RUNNING = "running", "Running"
        PAUSED = "paused", "Paused"
        DONE = "done", "Done"
        EXCEPTED = "excepted", "Complete with declared exceptions"
        INCOMPLETE = "incomplete", "Not complete"
        REFUSED = "refused", "Refused: the data changed after the preview"
        CANCELLED = "cancelled", "Cancelled"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=8, choices=Kind)
    status = models.CharField(max_length=10, choices=Status, default=Status.PLANNED)
    title = models.CharField(max_length=200)
    rule = models.ForeignKey(Rule, models.PROTECT, null=True, related_name="sweeps")
    identifiers = models.ManyToManyField(Identifier, related_name="plans")
    cutoff = models.DateTimeField(
        null=True, help_text="Rows dated before this are removed."
    )
    summary = models.JSONField(default=dict, help_text="What staff saw and approved.")
    digest = models.CharField(max_length=64)
    planned_by = models.CharField(max_length=150)
    planned_at = models.DateTimeField()
    approved_by = models.CharField(max_length=150, blank=True)
    approved_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    frontier = models.JSONField(
        null=True, help_text="How far ranges have been cut, in the column's own values."
    )
    is_cut = models.BooleanField(default=False, help_text="No more ranges to cut.")
    batch = models.PositiveIntegerField(default=10_000, help_text="Rows per range.")
    residue = models.JSONField(
        null=True, help_text="What the independent search found."
    )
    problem = models.TextField(blank=True)
    waits = models.TextField(blank=True, help_text="Why the work is waiting right now.")
    follows = models.OneToOneField(
        "self",
        models.PROTECT,
        null=True,
        related_name="followed_by",
        help_text="The plan whose rows a hold had kept.",
    )
    replays = models.UUIDField(
        null=True,
        db_index=True,
        help_text="The erasure that a restore undid; the portal may not know it.",
    )
    names = SealedField(
        null=True,
        help_text="The person's name, as JSON, until the certificate is made.",
    )
    undone_at = models.DateTimeField(null=True, help_text="Undone as a wrong match.")
    undone_by = models.CharField(max_length=150, blank=True)

    class Meta:
        ordering = ["-planned_at"]
        permissions = [("approve_plan", "Can approve what another person planned")]
        indexes = [
            models.Index(fields=["status", "planned_at"], name="privacy_plan_status")
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind="access")
                | models.Q(approved_by="")
                | ~models.Q(approved_by=models.F("planned_by")),
                name="privacy_plan_four_eyes",
            ),
            models.CheckConstraint(
                condition=models.Q(approved_at=None, approved_by="")
                | models.Q(approved_at__isnull=False) & ~models.Q(approved_by=""),
                name="privacy_plan_approval_is_signed",
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=["planned", "cancelled"])
                | models.Q(approved_at__isnull=False),
                name="privacy_plan_runs_only_approved",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def state(self) -> str:
        """Its status in words, as in “Done, with 2 exceptions”."""
        if self.status != self.Status.EXCEPTED:
            return self.get_status_display()
        many = len(self.exceptions)
        return f"Done, with {many} exception{'s' * (many > 1)}"

    @property
    def exceptions(self) -> list[str]:
        """What it does not end, in sentences: what was approved so, and in a sweep the
        rows that a hold kept."""
        said = list(self.summary.get("exceptions", []))
        if self.kind == self.Kind.SWEEP and (held := (self.residue or {}).get("held")):
            said.append(HELD.format(rows=held))
        return said


class Range(models.Model):
    """A bounded piece of a plan: one statement, one transaction in the store."""

    class Status(models.TextChoices):
        OPEN = "open", "Open"
        CLAIMED = "claimed", "Claimed"
        COMMITTING = "committing", "Committing"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="ranges")
    ordinal = models.PositiveIntegerField()
    table = models.ForeignKey(Table, models.PROTECT)
    action = models.CharField(max_length=10)
    lower = models.JSONField(null=True)
    upper = models.JSONField(null=True)
    partition = models.CharField(
        max_length=130,
        blank=True,
        help_text="A partition that is dropped as a whole, unless a hold covers it.",
    )
    status = models.CharField(max_length=10, choices=Status, default=Status.OPEN)
    claim = models.UUIDField(null=True, help_text="Changes with each claim.")
    lease_until = models.DateTimeField(null=True)
    store_transaction = models.CharField(
        max_length=20,
        blank=True,
        help_text="Shows after a crash whether the range was committed.",
    )
    rows = models.PositiveBigIntegerField(default=0)
    held = models.PositiveBigIntegerField(default=0, help_text="Rows kept by a hold.")
    attempts = models.PositiveSmallIntegerField(default=0)
    seconds = models.FloatField(default=0)
    problem = models.TextField(blank=True)

    class Meta:
        ordering = ["ordinal"]
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "ordinal"], name="privacy_range_once"
            )
        ]
        indexes = [models.Index(fields=["plan", "status"], name="privacy_range_status")]

    def __str__(self) -> str:
        return f"Range {self.ordinal}"


class PlannedRow(models.Model):
    """One row of a person, and what happens to it and why."""

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="rows")
    table = models.ForeignKey(Table, models.PROTECT)
    range = models.ForeignKey(Range, models.CASCADE, null=True, related_name="planned")
    key = SealedField(help_text="Its primary key, as JSON; keys can be e-mails.")
    fingerprint = models.CharField(
        max_length=64, help_text="Keyed digest of its content."
    )
    path = models.TextField(help_text="How it was found.")
    action = models.CharField(max_length=10)
    ground = models.TextField(blank=True)
    is_unchanged = models.BooleanField(
        default=False, help_text="Nothing in it had to end, so it can't come back."
    )
    change = SealedField(
        null=True, help_text="For a correction: field to before and after, as JSON."
    )

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"A row of {self.table_id}"


class Certificate(models.Model):
    """A signed statement of what was erased and searched, without personal data."""

    plan = models.OneToOneField(Plan, models.PROTECT, related_name="certificate")
    document = models.TextField(help_text="Canonical JSON.")
    signature = models.TextField(help_text="Ed25519, base64.")
    key_id = models.CharField(max_length=32)
    issued_at = models.DateTimeField()
    supplement = models.TextField(
        blank=True, help_text="What recipients have answered since, as canonical JSON."
    )
    supplement_signature = models.TextField(blank=True)
    supplement_key_id = models.CharField(max_length=32, blank=True)

    def __str__(self) -> str:
        return f"Certificate of {self.issued_at:%-d %B %Y}"
