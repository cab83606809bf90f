from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('consent', '0053_program_address'),
    ]

    operations = [
        migrations.AlterField(
            model_name='standing',
            name='part',
            field=models.CharField(blank=True, db_default='', default='', help_text='Part of the sender: empty for all, * for exempted programs, p7 for program 7, marketing, service, or a number of ours.', max_length=64),
        ),
    ]
