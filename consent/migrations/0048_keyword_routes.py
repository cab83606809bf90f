"""A keyword may count for some carriers or kinds of number alone."""

import django.contrib.postgres.fields
from django.db import migrations, models

LINES = [
    ("ordinary", "Ordinary numbers"),
    ("toll_free", "Toll-free numbers"),
    ("short", "Short codes"),
    ("rcs", "RCS agents"),
]
MEANINGS = [
    ("opt_out", "Opt out"),
    ("opt_in", "Opt in"),
    ("help", "Help"),
    ("courtesy", "Courtesy word, means nothing by itself"),
    ("none", "Nothing about consent"),
]


class Migration(migrations.Migration):
    dependencies = [("consent", "0047_calls")]

    operations = [
        migrations.AddField(
            model_name="keyword",
            name="carriers",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=20),
                blank=True,
                db_default=[],
                default=list,
                help_text="None: whichever carrier brings it.",
                size=None,
                verbose_name="only by these carriers",
            ),
        ),
        migrations.AddField(
            model_name="keyword",
            name="lines",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(choices=LINES, max_length=9),
                blank=True,
                db_default=[],
                default=list,
                help_text="None: whichever number of ours it is sent to.",
                size=None,
                verbose_name="only to these kinds of number",
            ),
        ),
        migrations.AlterField(
            model_name="keyword",
            name="meaning",
            field=models.CharField(choices=MEANINGS, max_length=8),
        ),
        migrations.RemoveConstraint(
            model_name="keyword", name="consent_keyword_once"
        ),
        migrations.AddConstraint(
            model_name="keyword",
            constraint=models.UniqueConstraint(
                fields=["key", "valid_from", "carriers", "lines"],
                name="consent_keyword_once",
            ),
        ),
    ]
