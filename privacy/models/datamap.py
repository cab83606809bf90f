"""Where personal data lives: tables, columns, paths in JSON, and the links between
them."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models

from privacy.models.policy import Category, Source
from privacy.models.stores import Store

WHOLE_ROW = "whole_row"  # the key of a table that has none


class Table(models.Model):
    class About(models.TextChoices):
        PERSON = "person", "Each row is a person"
        LINKED = "linked", "About a person, through links"
        CONTEXT = "context", "Not about a data subject"

    class Ending(models.TextChoices):
        DELETE = "delete", "Delete the row"
        DEIDENTIFY = "deidentify", "De-identify the row"
        KEEP = "keep", "Keep, with its legal ground"

    store = models.ForeignKey(Store, models.CASCADE, related_name="tables")
    schema = models.CharField(max_length=63, blank=True)
    name = models.CharField(max_length=63)
    title = models.CharField(max_length=120, blank=True)
    about = models.CharField(max_length=8, choices=About, default=About.CONTEXT)
    key = ArrayField(models.CharField(max_length=63), default=list)
    start = models.CharField(
        max_length=63, blank=True, help_text="The column that retention counts from."
    )
    erasure = models.CharField(max_length=10, choices=Ending, default=Ending.KEEP)
    ground = models.TextField(blank=True, help_text="Why the rows are kept.")
    k = models.PositiveSmallIntegerField(
        "smallest group",
        default=0,
        help_text="For analytics tables: no direct identifiers, and at least this many "
        "rows alike in the values that could single somebody out. 0: not an analytics "
        "table.",
    )
    files = models.JSONField(
        default=dict,
        blank=True,
        help_text="Maps a column to the file storage that it names files in.",
    )
    terms = ArrayField(
        models.CharField(max_length=63),
        default=list,
        blank=True,
        help_text="Columns with the terms on which a person is served, such as status, "
        "plan, price. They are watched for 90 days after somebody makes a request.",
    )

    class Meta:
        ordering = ["store", "schema", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["store", "schema", "name"], name="privacy_table_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.store.name}.{self.full_name}"

    @property
    def full_name(self) -> str:
        return f"{self.schema}.{self.name}" if self.schema else self.name

    @property
    def has_key(self) -> bool:
        """If not, its rows are told apart by their whole content
        (`datamap.keyless`)."""
        return self.key != [WHOLE_ROW]


class Column(models.Model):
    """A column, or a path inside a JSON column."""

    class Whose(models.TextChoices):
        SUBJECT = "subject", "The person the row is about"
        EITHER = "either", "The person's or the other party's"
        OTHER = "other", "Somebody else's"

    class Attribute(models.TextChoices):
        """The classes of statistical disclosure control."""

        QUASI = "quasi", "Could single somebody out in combination"
        SENSITIVE = "sensitive", "Sensitive: nobody should learn it about somebody"

    class State(models.TextChoices):
        ACCEPTED = "accepted", "Accepted"
        PROPOSED = "proposed", "Proposed"
        UNKNOWN = "unknown", "Not classified"

    table = models.ForeignKey(Table, models.CASCADE, related_name="columns")
    name = models.CharField(max_length=63)
    path = ArrayField(models.CharField(max_length=200), default=list, blank=True)
    position = models.PositiveIntegerField(default=0)
    kind = models.CharField(max_length=40, help_text="Django's name of the field.")
    options = models.JSONField(default=dict, help_text="Length, digits, nullability.")

    state = models.CharField(max_length=8, choices=State, default=State.UNKNOWN)
    not_personal = models.TextField(blank=True, help_text="Why it is not personal.")
    category = models.ForeignKey(Category, models.PROTECT, null=True, blank=True)
    source = models.ForeignKey(Source, models.PROTECT, null=True, blank=True)
    purposes = ArrayField(models.CharField(max_length=50), default=list, blank=True)
    identifier = models.CharField(max_length=16, blank=True)
    whose = models.CharField(max_length=8, choices=Whose, default=Whose.SUBJECT)
    attribute = models.CharField(
        max_length=9,
        choices=Attribute,
        blank=True,
        help_text="Its part in groups of rows that look alike once de-identified.",
    )
    until = models.CharField(
        max_length=63,
        blank=True,
        help_text="The column that says when the person gave it up.",
    )
    free_text = models.BooleanField(default=False)
    treatment = models.JSONField(default=dict, blank=True)
    ground = models.TextField(blank=True, help_text="Why the value is kept.")
    confidence = models.FloatField(default=1.0)
    reason = models.TextField(blank=True, help_text="Why it was classified so.")

    class Meta:
        ordering = ["table", "position", "path"]
        constraints = [
            models.UniqueConstraint(
                fields=["table", "name", "path"], name="privacy_column_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.table}.{self.full_name}"

    @property
    def full_name(self) -> str:
        return ".".join([self.name, *self.path])

    @property
    def lookup(self) -> str:
        """Its name in a Django filter, with its JSON path."""
        return "__".join([self.name, *self.path])

    @property
    def is_document(self) -> bool:
        """A whole column of JSON, or of text that discovery found to be JSON."""
        is_json = self.kind == "JSONField" or "facts" in self.options
        return is_json and not self.path

    @property
    def is_personal(self) -> bool:
        return self.category_id is not None

    @property
    def nullable(self) -> bool:
        return bool(self.options.get("null", False))

    @property
    def strategy(self) -> dict[str, Any]:
        return self.treatment or {"strategy": "keep"}


class Link(models.Model):
    """From a row to another row, of the same store or of another one."""

    class Role(models.TextChoices):
        SUBJECT = "subject", "About the same person"
        PARTY = "party", "Somebody else's, and the person is a party to it"
        ACTOR = "actor", "Somebody else's, and the person acted on it"
        CONTEXT = "context", "Mentions it"

    class State(models.TextChoices):
        ACCEPTED = "accepted", "Accepted"
        PROPOSED = "proposed", "Proposed: not in force yet"
        REFUSED = "refused", "Refused: will not be proposed again"

    table = models.ForeignKey(Table, models.CASCADE, related_name="links")
    columns = ArrayField(
        models.CharField(max_length=200),
        help_text=(
            "Columns, or paths in JSON with dots: meta.contact_id. [] is each element "
            "of an array: member_ids.[]"
        ),
    )
    target = models.ForeignKey(Table, models.CASCADE, related_name="linked_from")
    target_columns = ArrayField(models.CharField(max_length=200))
    when = models.JSONField(
        default=dict,
        blank=True,
        help_text="Column to value, if the same column refers to several tables.",
    )
    role = models.CharField(max_length=8, choices=Role, default=Role.CONTEXT)
    state = models.CharField(max_length=8, choices=State, default=State.ACCEPTED)
    reason = models.TextField(blank=True, help_text="Why it was proposed.")
    is_constraint = models.BooleanField(
        default=False, help_text="The database enforces it."
    )

    class Meta:
        ordering = ["table", "columns"]
        constraints = [
            models.UniqueConstraint(
                fields=["table", "columns", "target", "target_columns", "when"],
                name="privacy_link_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.table} → {self.target}"

    @property
    def is_list(self) -> bool:
        """It stands for each key in an array: `member_ids.[]`, `guests.[].user_id`."""
        return "[]" in self.columns[0].split(".")

    @property
    def lookups(self) -> list[str]:
        """Its columns in a Django filter, with their JSON paths."""
        return [name.replace(".", "__") for name in self.columns]

    @property
    def said(self) -> str:
        """In words: contact_id → contact.id, and under which condition."""
        own, theirs = ", ".join(self.columns), ", ".join(self.target_columns)
        when = " and ".join(f"{name} is “{value}”" for name, value in self.when.items())
        return f"{own} → {self.target}.{theirs}" + (f" where {when}" if when else "")
