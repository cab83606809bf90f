"""The carrier's call is kept sealed, to verify its signature again."""

from pathlib import Path

from django.db import migrations, models

import privacy.models.sealing

SQL = Path(__file__).resolve().parent.parent / "sql"
BACK = """
DROP TRIGGER consent_calls_end ON privacy_identifier;
DROP FUNCTION consent_calls_end_v1();
"""


class Migration(migrations.Migration):
    dependencies = [("consent", "0046_segments")]

    operations = [
        migrations.AddField(
            model_name="inboundmessage",
            name="call",
            field=privacy.models.sealing.SealedField(
                help_text="The carrier's call, with its signature; ends with the text, "
                "or with the person's number.",
                null=True,
            ),
        ),
        migrations.AddConstraint(
            model_name="inboundmessage",
            constraint=models.CheckConstraint(
                condition=models.Q(("call", None), ("body__isnull", False), _connector="OR"),
                name="consent_inbox_call_ends_with_words",
            ),
        ),
        migrations.RunSQL((SQL / "calls_v1.sql").read_text(), BACK),
    ]
