"""A month ends without a check that others would wait for."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("consent", "0012_keeping")]
    operations = [
        migrations.RunSQL(
            (SQL / "end_month_v2.sql").read_text(),
            "DROP FUNCTION consent_end_month_v2(date), consent_prepare_v1(timestamptz);"
            + (SQL / "end_month_v1.sql").read_text(),
        )
    ]
