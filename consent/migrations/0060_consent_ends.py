from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("consent", "0059_more_is_told")]

    operations = [
        migrations.AddIndex(
            model_name="standing",
            index=models.Index(
                condition=models.Q(("state", "opt_in")),
                fields=["renewed_at"],
                name="consent_standing_ends",
            ),
        ),
    ]
