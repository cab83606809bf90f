"""The countries in which recipients process data, and the safeguard for each."""

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q

from privacy.models.providers import Provider


class InternationalTransfer(models.Model):
    """One country in which a recipient processes personal data (GDPR Art. 30(1)(e)).

    Outside our own countries it needs a safeguard with its document on file (GDPR Art.
    44 to 46).
    """

    class Safeguard(models.TextChoices):
        ADEQUACY = "adequacy", "Adequacy decision (GDPR Art. 45)"
        CLAUSES = "scc", "Standard contractual clauses (GDPR Art. 46(2)(c))"
        RULES = "bcr", "Binding corporate rules (GDPR Art. 47)"
        CODE = "code", "Code of conduct or certification (GDPR Art. 46(2)(e), (f))"
        UK = "idta", "UK transfer agreement or addendum"

    provider = models.ForeignKey(
        Provider,
        models.CASCADE,
        related_name="transfers",
        verbose_name="recipient of data",
    )
    country = models.CharField(
        max_length=2,
        validators=[RegexValidator(r"^[A-Z]{2}\Z", "Write two letters, such as DE.")],
        help_text="Two letters, such as DE (ISO 3166-1).",
    )
    safeguard = models.CharField(
        max_length=8,
        choices=Safeguard,
        blank=True,
        help_text="Not needed in a country of our own (HOME_COUNTRIES).",
    )
    document = models.CharField(
        max_length=200, blank=True, help_text="Where its document is filed."
    )
    ends = models.DateField(
        "last day", null=True, blank=True, help_text="If it has one."
    )

    class Meta:
        ordering = ["provider", "country"]
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "country"],
                name="privacy_transfer_once",
                violation_error_message="That country is listed already.",
            ),
            models.CheckConstraint(
                condition=Q(country__regex=r"^[A-Z]{2}$"),
                name="privacy_transfer_country",
                violation_error_message="Write the country as two letters, such as DE.",
            ),
            models.CheckConstraint(
                condition=Q(safeguard="") | ~Q(document=""),
                name="privacy_transfer_has_its_paper",
                violation_error_message="Say where the document of the safeguard is "
                "filed.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.provider} in {self.country}"
