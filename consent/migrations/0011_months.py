"""The ledger by months: `sql/months_v1.sql` says how, `decisions/0017` why."""

from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models

SQL = Path(__file__).resolve().parent.parent / "sql"


def told(name):
    return (SQL / name).read_text()


def of_an_event(how, **options):
    return how(
        on_delete=django.db.models.deletion.PROTECT,
        db_constraint=False,
        to="consent.event",
        **options,
    )


class Migration(migrations.Migration):
    dependencies = [("consent", "0010_taken"), ("privacy", "0002_triggers")]
    operations = [
        migrations.CreateModel(
            name="LedgerLine",
            fields=[
                ("sequence", models.BigIntegerField(primary_key=True, serialize=False)),
                ("recorded_at", models.DateTimeField()),
                (
                    "key",
                    models.BinaryField(
                        help_text="SHA-256 of the idempotency key.",
                        max_length=32,
                        null=True,
                        unique=True,
                    ),
                ),
            ],
        ),
        migrations.AlterField(
            model_name="event",
            name="idempotency_key",
            field=models.CharField(max_length=120, null=True),
        ),
        migrations.AlterField(
            model_name="event",
            name="identifier",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                to="privacy.identifier",
            ),
        ),
        migrations.AlterField(
            model_name="standing",
            name="event",
            field=of_an_event(
                models.ForeignKey, help_text="The event that decided."
            ),
        ),
        migrations.AlterField(
            model_name="utterance",
            name="event",
            field=of_an_event(
                models.OneToOneField, primary_key=True, serialize=False
            ),
        ),
        migrations.AlterField(
            model_name="delivery",
            name="event",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.CASCADE,
                to="consent.event",
            ),
        ),
        migrations.RunSQL(
            [told("months_v1.sql"), told("into_months_v1.sql"), told("events_v1.sql")],
            told("out_of_months_v1.sql"),
        ),
    ]
