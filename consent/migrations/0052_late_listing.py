import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('consent', '0051_program_texts'),
    ]

    operations = [
        migrations.AddField(
            model_name='latemessage',
            name='listing',
            field=models.ForeignKey(help_text='Or the request.', null=True, on_delete=django.db.models.deletion.CASCADE, to='consent.listing'),
        ),
        migrations.AlterField(
            model_name='latemessage',
            name='event',
            field=models.ForeignKey(db_constraint=False, help_text='The opt-out.', null=True, on_delete=django.db.models.deletion.PROTECT, to='consent.event'),
        ),
        migrations.AddConstraint(
            model_name='latemessage',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('event__isnull', False), ('listing', None)), models.Q(('event', None), ('listing__isnull', False)), _connector='OR'), name='consent_late_message_after_one_thing'),
        ),
    ]
