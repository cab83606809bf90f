"""Half of an undo's key is in a file from now on; those that are open keep theirs."""

from django.db import migrations, models

HELP = "False: this is the whole key, of an older undo."


class Migration(migrations.Migration):
    dependencies = [("privacy", "0037_told_by_hand")]

    operations = [
        migrations.AddField(
            model_name="undo",
            name="is_apart",
            field=models.BooleanField(default=False, help_text=HELP),
        ),
        migrations.AlterField(
            model_name="undo",
            name="is_apart",
            field=models.BooleanField(default=True, help_text=HELP),
        ),
    ]
