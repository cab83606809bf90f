from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('dsr', '0034_reminder_rules'),
    ]

    operations = [
        migrations.AddField(
            model_name='package',
            name='own',
            field=models.JSONField(db_default={}, default=dict, help_text="Rows of the portal's own records, by sheet; names nobody."),
        ),
    ]
