"""Takes back replies that were recorded and never left.

These carriers forward no answer of ours; the portal had recorded its own all the same.
"""

from django.db import migrations

DEAF = ("aws", "bandwidth", "messagebird", "sinch", "telnyx", "vonage")


def take_back(apps, schema_editor):
    rows = apps.get_model("consent", "InboundMessage").objects
    claimed = rows.filter(carrier__in=DEAF, replied_by="portal")
    claimed.update(replied_by="", reply="")


class Migration(migrations.Migration):

    dependencies = [("consent", "0040_words")]

    operations = [migrations.RunPython(take_back, migrations.RunPython.noop)]
