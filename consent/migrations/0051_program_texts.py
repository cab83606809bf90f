"""The texts of each program, as they were at any time."""

from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models

SQL = Path(__file__).resolve().parent.parent / "sql"
BACK = """
DROP TRIGGER append_only ON consent_programtext;
DROP TRIGGER consent_new_texts ON consent_program;
DROP TRIGGER consent_changed_texts ON consent_program;
DROP FUNCTION consent_keep_texts_v1();
"""


class Migration(migrations.Migration):
    dependencies = [("consent", "0050_more_is_told")]

    operations = [
        migrations.CreateModel(
            name="ProgramText",
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
                ("since", models.DateTimeField()),
                ("opt_in_text", models.TextField()),
                ("opt_out_text", models.TextField()),
                ("help_text", models.TextField()),
                ("clarify_text", models.TextField()),
                (
                    "program",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        to="consent.program",
                    ),
                ),
            ],
            options={
                "ordering": ["-since", "-pk"],
                "indexes": [
                    models.Index(
                        fields=["program", "since"], name="consent_programtext_at"
                    )
                ],
            },
        ),
        migrations.RunSQL((SQL / "program_texts_v1.sql").read_text(), BACK),
    ]
