from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("privacy", "0040_decides_alone")]

    operations = [
        migrations.AddField(
            "store",
            "retired_at",
            models.DateTimeField(
                null=True, blank=True, help_text="Gone, and not searched."
            ),
        ),
        migrations.AddField(
            "store", "retired_by", models.CharField(max_length=150, blank=True, default=""),
            preserve_default=False,
        ),
        migrations.AddField(
            "store", "retired_why", models.TextField(blank=True, default=""),
            preserve_default=False,
        ),
    ]
