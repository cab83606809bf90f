from pathlib import Path

from django.db import migrations, models

SQL = Path(__file__).resolve().parents[1] / "sql"
BACK = """
DROP FUNCTION consent_keep_version_v1() CASCADE;
DROP TRIGGER append_only ON consent_ruleversion;
"""


class Migration(migrations.Migration):
    dependencies = [("consent", "0056_chunks")]

    operations = [
        migrations.CreateModel(
            name="RuleVersion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True,
                        primary_key=True,
                        serialize=False,
                        verbose_name="ID",
                    ),
                ),
                ("table", models.CharField(max_length=63)),
                ("row", models.BigIntegerField()),
                (
                    "said",
                    models.JSONField(help_text="Empty: the row was deleted.", null=True),
                ),
                (
                    "since",
                    models.DateTimeField(
                        help_text="Empty: from before versions were kept.", null=True
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["table", "row", "since"], name="consent_ruleversion_at"
                    )
                ],
            },
        ),
        migrations.RunSQL((SQL / "versions_v1.sql").read_text(), BACK),
    ]
