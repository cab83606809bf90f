"""The ledger's triggers, from their file."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("consent", "0001_initial"), ("privacy", "0002_triggers")]
    operations = [
        migrations.RunSQL((SQL / "ledger_v1.sql").read_text(), migrations.RunSQL.noop)
    ]
