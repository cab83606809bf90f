"""An unclear message is settled by the person's own word to its sender alone."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"
BEFORE = (SQL / "events_v1.sql").read_text()


class Migration(migrations.Migration):
    dependencies = [("consent", "0042_entries_not_told")]
    operations = [
        migrations.RunSQL(
            (SQL / "events_v2.sql").read_text(),
            "DROP FUNCTION consent_spoke_v2(bigint, bigint, timestamptz, timestamptz);"
            + BEFORE[BEFORE.index("CREATE FUNCTION consent_spoke_v1") :],
        )
    ]
