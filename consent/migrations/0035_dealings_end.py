from pathlib import Path

from django.db import migrations, models

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("consent", "0034_carriers_list")]

    operations = [
        migrations.AlterField(
            model_name="keepingrule",
            name="what",
            field=models.CharField(
                choices=[
                    ("ledger", "Months of the consent ledger"),
                    ("messages", "What people wrote to us, in full"),
                    ("dealings", "Purchases and inquiries that no longer imply consent"),
                ],
                max_length=8,
                verbose_name="of what",
            ),
        ),
        migrations.RunSQL(
            (SQL / "dealings_v2.sql").read_text(), migrations.RunSQL.noop
        ),
    ]
