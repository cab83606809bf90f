"""Whose browser sent Global Privacy Control before now has their opt-out heeded, too.

Until this version the signal was an event that no check read.
"""

from django.db import migrations
from django.utils import timezone

USES = ("sale", "targeted_ads")


def forbid(apps, schema_editor):
    sent = apps.get_model("consent", "Event").objects.filter(route="gpc")
    rows = apps.get_model("privacy", "Objection").objects
    now = timezone.now()
    for event in sent.order_by("sequence").iterator():
        said = {
            "identifier_id": event.identifier_id,
            "because": f"event:{event.sequence}",
            "since": event.occurred_at,
            "recorded_by": "upgrade",
            "recorded_at": now,
        }
        objections = [rows.model(use=use, **said) for use in USES]
        rows.bulk_create(objections, ignore_conflicts=True)


class Migration(migrations.Migration):

    dependencies = [
        ("consent", "0037_received"),
        ("privacy", "0035_unchanged_rows"),
    ]

    operations = [migrations.RunPython(forbid, migrations.RunPython.noop)]
