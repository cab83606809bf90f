"""Tables without a key are no longer left out: their rows are their own keys."""

from typing import Any

from django.db import migrations


def tell_apart(apps: Any, schema_editor: Any) -> None:
    apps.get_model("privacy", "Table").objects.filter(key=[]).update(key=["whole_row"])


class Migration(migrations.Migration):
    dependencies = [("privacy", "0015_undo_files")]
    operations = [migrations.RunPython(tell_apart, migrations.RunPython.noop)]
