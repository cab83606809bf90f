from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("consent", "0058_set_aside")]

    operations = [
        migrations.AlterField(
            model_name="delivery",
            name="type",
            field=models.CharField(
                choices=[
                    ("consent.changed", "An event of the ledger"),
                    (
                        "list.changed",
                        "Our own do-not-call list, or a reassigned number",
                    ),
                    ("registry.copied", "A do-not-call registry's new copy"),
                    ("review.changed", "An unclear message"),
                    ("restriction.changed", "A restriction of processing"),
                    ("objection.changed", "A use of data that a person forbade"),
                    (
                        "dealing.recorded",
                        "A purchase or inquiry that implies consent",
                    ),
                    ("standings.derived", "All states, by other rules"),
                ],
                db_default="consent.changed",
                default="consent.changed",
                max_length=19,
                verbose_name="what changed",
            ),
        ),
    ]
