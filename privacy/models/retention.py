"""How long rows may stay: dated rules with their source."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from privacy.models.datamap import Table
from privacy.models.policy import Category
from privacy.models.promises import Promise


class Rule(models.Model):
    class Action(models.TextChoices):
        DELETE = "delete", "Delete the rows"
        DEIDENTIFY = "deidentify", "De-identify the rows"

    name = models.SlugField(unique=True)
    title = models.CharField(max_length=120)
    table = models.ForeignKey(Table, models.CASCADE, related_name="rules")
    start = models.CharField(
        max_length=63,
        blank=True,
        help_text="The column it counts from; empty if rows of another table decide.",
    )
    months = models.PositiveSmallIntegerField(default=0)
    days = models.PositiveIntegerField(default=0)
    action = models.CharField(max_length=10, choices=Action)
    where = models.JSONField(default=dict, blank=True)
    linked = models.JSONField(
        "rows of other tables",
        default=list,
        blank=True,
        help_text="Only rows with, or without, a row of another table.",
    )
    columns = ArrayField(
        models.CharField(max_length=200),
        default=list,
        blank=True,
        help_text="De-identify only these. Empty: every column that has a treatment.",
    )
    category = models.ForeignKey(Category, models.PROTECT)
    promise = models.ForeignKey(Promise, models.PROTECT)
    citation = models.TextField()
    minimum_months = models.PositiveSmallIntegerField(
        default=0,
        help_text="The shortest period the law allows; no rule may be shorter.",
    )
    minimum_citation = models.TextField(blank=True)
    surge = models.PositiveSmallIntegerField(
        default=5,
        help_text="A sweep waits for a person if it would remove more than this many "
        "times the rule's usual number of rows a day.",
    )
    k = models.PositiveSmallIntegerField(
        "smallest group (k)",
        default=0,
        help_text="How many rows must look alike, once de-identified, in the values "
        "that could single somebody out. 0: not measured.",
    )
    l = models.PositiveSmallIntegerField(  # noqa: E741 - l-diversity
        "fewest sensitive values (l)",
        default=0,
        help_text="How many different sensitive values each group must have. 0: not "
        "measured.",
    )
    suppress = models.BooleanField(
        "empty smaller groups",
        default=False,
        help_text="Rows in groups that are too small lose the values that could "
        "single them out.",
    )
    is_active = models.BooleanField("in use", default=True)
    approved_digest = models.CharField(
        max_length=64, blank=True, help_text="The definition that was approved."
    )
    approved_by = models.CharField(max_length=150, blank=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(minimum_months=0)
                | models.Q(months__gte=models.F("minimum_months")),
                name="privacy_rule_not_below_its_minimum",
                violation_error_message="The law requires a longer period than this.",
            )
        ]

    def __str__(self) -> str:
        return self.title
