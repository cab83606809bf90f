from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('privacy', '0034_instruction_tried'),
    ]

    operations = [
        migrations.AddField(
            model_name='plannedrow',
            name='is_unchanged',
            field=models.BooleanField(default=False, help_text="Nothing in it had to end, so it can't come back."),
        ),
    ]
