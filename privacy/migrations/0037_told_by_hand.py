"""A recipient without a way of its own was called told although nobody told it."""

from django.db import migrations, models
from django.utils import timezone


def untold(apps, schema_editor):
    """Those that have not answered wait again; no date on record is a true one."""
    rows = apps.get_model("privacy", "Instruction").objects.filter(provider__way="task")
    rows.filter(state="told").update(state="waiting", next_at=timezone.now())
    rows.update(told_at=None, reminders=0, reminded_at=None)


class Migration(migrations.Migration):
    dependencies = [("privacy", "0036_declared_exceptions")]

    operations = [
        migrations.AddField(
            model_name="instruction",
            name="asked_at",
            field=models.DateTimeField(
                help_text="When a colleague was last asked by mail to tell it.",
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="instruction",
            name="told_by",
            field=models.CharField(
                blank=True, help_text="Who of us told it by hand.", max_length=150
            ),
        ),
        migrations.AlterField(
            model_name="provider",
            name="owner",
            field=models.CharField(
                blank=True,
                help_text="The user name of the colleague who tells it what has to be "
                "told by hand, and asks for its answers. Empty: Legal does.",
                max_length=150,
            ),
        ),
        migrations.AlterField(
            model_name="provider",
            name="way",
            field=models.CharField(
                choices=[
                    ("opendsr", "OpenDSR 2.0"),
                    ("webhook", "Signed webhook (Standard Webhooks)"),
                    ("mail", "E-mail"),
                    ("task", "A colleague tells it"),
                ],
                help_text="How it is told.",
                max_length=7,
            ),
        ),
        migrations.AlterConstraint(
            model_name="provider",
            name="privacy_provider_has_an_address",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("way", "task"),
                    models.Q(("address", ""), _negated=True),
                    _connector="OR",
                ),
                name="privacy_provider_has_an_address",
                violation_error_message="Give the address to notify, or let a "
                "colleague tell it.",
            ),
        ),
        migrations.RunPython(untold, migrations.RunPython.noop),
    ]
