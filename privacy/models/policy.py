"""The published policy, in rows: its versions and the words it uses for data."""

from django.db import models


class PolicyVersion(models.Model):
    effective_date = models.DateField(unique=True)
    text = models.TextField()
    digest = models.CharField(max_length=64, help_text="SHA-256 of the text.")

    class Meta:
        ordering = ["-effective_date"]

    def __str__(self) -> str:
        return f"Policy of {self.effective_date:%-d %B %Y}"


class Word(models.Model):
    """A word the policy uses: a category, a source or a purpose of personal data."""

    code = models.SlugField(primary_key=True)
    title = models.CharField(max_length=120)
    description = models.TextField(blank=True)
    quote = models.TextField(blank=True, help_text="Where the policy says so.")
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        abstract = True
        ordering = ["order"]

    def __str__(self) -> str:
        return self.title


class Category(Word):
    class Meta(Word.Meta):
        verbose_name_plural = "categories"


class Source(Word):
    pass


class Purpose(Word):
    lawful_basis = models.CharField(max_length=120, help_text="GDPR Art. 6(1).")
    decides_alone = models.BooleanField(
        null=True,
        help_text="Whether a machine alone decides about people for it (GDPR Art. 22). "
        "Empty: nobody has declared it, and a copy says nothing.",
    )
    logic = models.TextField(
        blank=True,
        help_text="Of such a decision: the logic involved, how much hangs on it and "
        "what follows for the person, in words for them (Art. 15(1)(h)).",
    )

    class Meta(Word.Meta):
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(decides_alone=True) | ~models.Q(logic=""),
                name="privacy_purpose_decision_has_its_logic",
            )
        ]
