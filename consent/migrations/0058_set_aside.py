from django.db import migrations, models

# Of what was set aside before, the audit trail says when, and who did it.
KNOWN = """
UPDATE consent_inboundmessage m SET set_aside_at = a.at, set_aside_by = a.by
FROM privacy_auditevent a
WHERE a.action = 'message.set_aside' AND a.subject = 'inboundmessage:' || m.id
    AND m.meaning = 'none' AND a.by <> '';
SET CONSTRAINTS ALL IMMEDIATE;
"""


class Migration(migrations.Migration):
    dependencies = [("consent", "0057_rule_versions")]

    operations = [
        migrations.AddField(
            model_name="inboundmessage",
            name="set_aside_at",
            field=models.DateTimeField(
                help_text="When a person read the unclear message and found no wish to "
                "stop.",
                null=True,
                verbose_name="set aside",
            ),
        ),
        migrations.AddField(
            model_name="inboundmessage",
            name="set_aside_by",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=150
            ),
        ),
        migrations.RunSQL(KNOWN, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="inboundmessage",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("set_aside_at", None),
                    models.Q(("set_aside_by", ""), _negated=True),
                    _connector="XOR",
                ),
                name="consent_inbox_set_aside_is_signed",
            ),
        ),
    ]
