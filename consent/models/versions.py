"""What rules and programs said before they were changed."""

from django.db import models


class RuleVersion(models.Model):
    """What a rule of quiet hours or a program said from then on. The database adds one
    with each change, and keeps all (`versions_v1.sql`)."""

    table = models.CharField(max_length=63)
    row = models.BigIntegerField()
    said = models.JSONField(null=True, help_text="Empty: the row was deleted.")
    since = models.DateTimeField(
        null=True, help_text="Empty: from before versions were kept."
    )

    class Meta:
        indexes = [
            models.Index(
                fields=["table", "row", "since"], name="consent_ruleversion_at"
            )
        ]

    def __str__(self) -> str:
        return f"{self.table} {self.row}"
