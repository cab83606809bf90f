from pathlib import Path

from django.db import migrations, models

SQL = Path(__file__).resolve().parent.parent / "sql"
BACK = """
DROP AGGREGATE consent_state_v1(text);
DROP FUNCTION consent_follow_v1(text, text);
"""


class Migration(migrations.Migration):
    dependencies = [("consent", "0039_rcs_agents")]

    operations = [
        migrations.AddField(
            model_name="standing",
            name="heard_at",
            field=models.DateTimeField(
                help_text="When something was told last that changed nothing.",
                null=True,
            ),
        ),
        migrations.RunSQL((SQL / "words_v1.sql").read_text(), BACK),
    ]
