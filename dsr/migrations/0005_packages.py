"""Copies in sealed pieces, with a password for the person; a code may be for one."""

import secrets

import django.db.models.deletion
from django.db import migrations, models

import privacy.models.sealing
from privacy.models.sealing import seal_bytes, unseal_bytes

PIECE = 1024 * 1024


def into_pieces(apps, schema_editor):
    """What is kept as one value becomes pieces, each bound to its place."""
    part = apps.get_model("dsr", "PackagePart")
    for package in apps.get_model("dsr", "Package").objects.all().iterator():
        package.password = secrets.token_urlsafe(16)
        if package.content is None:
            package.expired_at = package.expires_at
        else:
            content = unseal_bytes(bytes(package.content), context="dsr_package.content")
            for number, start in enumerate(range(0, len(content), PIECE)):
                context = f"dsr_packagepart.{package.pk}.{number}"
                sealed = seal_bytes(content[start : start + PIECE], context=context)
                part.objects.create(package=package, number=number, content=sealed)
        package.save()


class Migration(migrations.Migration):
    dependencies = [("dsr", "0004_requests")]

    operations = [
        migrations.AddField(
            model_name="proof",
            name="purpose",
            field=models.CharField(
                choices=[
                    ("identity", "To act on the request"),
                    ("download", "To take the copy"),
                ],
                default="identity",
                max_length=8,
            ),
        ),
        migrations.AddField(
            model_name="package",
            name="downloaded_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="package",
            name="downloads",
            field=models.PositiveSmallIntegerField(
                default=0, help_text="By the person."
            ),
        ),
        migrations.AddField(
            model_name="package",
            name="expired_at",
            field=models.DateTimeField(help_text="When its pieces went.", null=True),
        ),
        migrations.AddField(
            model_name="package",
            name="password",
            field=privacy.models.sealing.SealedField(
                help_text="Of the ZIP as the person gets it (AES).", null=True
            ),
        ),
        migrations.AlterField(
            model_name="package",
            name="size",
            field=models.PositiveBigIntegerField(default=0, help_text="Bytes."),
        ),
        migrations.CreateModel(
            name="PackagePart",
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
                ("number", models.PositiveIntegerField()),
                ("content", models.BinaryField(help_text="AES-256-GCM.")),
                (
                    "package",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="parts",
                        to="dsr.package",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("package", "number"), name="dsr_packagepart_once"
                    )
                ]
            },
        ),
        migrations.RunPython(into_pieces, migrations.RunPython.noop),
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", migrations.RunSQL.noop),
        migrations.AlterField(
            model_name="package",
            name="password",
            field=privacy.models.sealing.SealedField(
                help_text="Of the ZIP as the person gets it (AES)."
            ),
        ),
        migrations.RemoveField(model_name="package", name="content"),
    ]
