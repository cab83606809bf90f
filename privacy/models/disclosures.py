"""What was disclosed to whom, for what, and on what ground."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from privacy.models.holds import Hold
from privacy.models.policy import Purpose
from privacy.models.providers import Provider
from privacy.models.sealing import SealedField


class LegalProcess(models.Model):
    """A document that obliges us to disclose; without the document there is no row.

    A letter that a machine put here, before anybody has read it, obliges to nothing.
    """

    class Kind(models.TextChoices):
        SUBPOENA = "subpoena", "Subpoena"
        COURT_ORDER = "court_order", "Court order"
        WARRANT = "warrant", "Search warrant"
        AUDIT = "audit", "Audit by an authority"
        LETTER = "letter", "Letter as it came, obliges to nothing yet"

    reference = models.CharField(
        max_length=80, unique=True, help_text="The reference on the document."
    )
    kind = models.CharField(max_length=11, choices=Kind)
    authority = models.CharField(max_length=200, help_text="Who requires it.")
    scope = models.TextField(help_text="What is required, without naming anybody.")
    received_on = models.DateField()
    document = SealedField(help_text="The document itself, in base64.")
    digest = models.CharField(max_length=64, help_text="SHA-256 of the document.")
    hold = models.ForeignKey(
        Hold,
        models.PROTECT,
        null=True,
        blank=True,
        help_text="The hold it made us place.",
    )
    recorded_by = models.CharField(max_length=150)
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ["-received_on", "reference"]
        verbose_name = "legal process"
        verbose_name_plural = "legal process"

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.reference}"


class Disclosure(models.Model):
    """One disclosure of data: under a recipient's contract, or by legal process."""

    provider = models.ForeignKey(
        Provider, models.PROTECT, null=True, verbose_name="recipient"
    )
    process = models.ForeignKey(
        LegalProcess, models.PROTECT, null=True, verbose_name="legal process"
    )
    purpose = models.ForeignKey(Purpose, models.PROTECT)
    fields = ArrayField(
        models.CharField(max_length=200), help_text="Categories, or store.table.column."
    )
    categories = ArrayField(models.CharField(max_length=50))
    people = models.PositiveBigIntegerField("how many people")
    what = models.CharField(max_length=60, verbose_name="What left")
    reason = models.CharField(max_length=200)
    made_by = models.CharField(max_length=150)
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["-made_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(provider=None, process__isnull=False)
                | Q(provider__isnull=False, process=None),
                name="privacy_disclosure_has_one_ground",
            ),
            models.CheckConstraint(
                condition=Q(fields__len__gt=0), name="privacy_disclosure_names_fields"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.what}, to {self.provider or self.process}"
