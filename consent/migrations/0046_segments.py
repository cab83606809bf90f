"""Pieces of long texts that a carrier brings one by one."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("consent", "0045_rules_as_rows")]

    operations = [
        migrations.CreateModel(
            name="Segment",
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
                (
                    "reference",
                    models.CharField(help_text="The carrier's.", max_length=40),
                ),
                ("number", models.PositiveSmallIntegerField()),
                ("total", models.PositiveSmallIntegerField()),
                (
                    "read_at",
                    models.DateTimeField(
                        help_text="When it was read without the rest, which never came.",
                        null=True,
                    ),
                ),
                (
                    "message",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        to="consent.inboundmessage",
                    ),
                ),
            ],
        ),
    ]
