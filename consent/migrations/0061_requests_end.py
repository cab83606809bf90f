from pathlib import Path

from django.db import migrations, models

SQL = Path(__file__).resolve().parents[1] / "sql"
BACK = """
DROP TRIGGER kept_while_it_counts ON consent_listing;
DROP FUNCTION consent_keep_before_v1() CASCADE;
DROP TRIGGER append_only ON consent_listingbefore;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON consent_listingbefore
    FOR EACH ROW EXECUTE FUNCTION privacy_append_only_v1();
"""


class Migration(migrations.Migration):
    dependencies = [("consent", "0060_consent_ends")]

    operations = [
        migrations.AlterField(
            model_name="keepingrule",
            name="what",
            field=models.CharField(
                choices=[
                    ("ledger", "Months of the consent ledger"),
                    ("messages", "What people wrote to us, in full"),
                    (
                        "dealings",
                        "Purchases and inquiries that no longer imply consent",
                    ),
                    ("requests", "Do-not-call requests that no longer count"),
                ],
                max_length=8,
                verbose_name="of what",
            ),
        ),
        migrations.RunSQL((SQL / "listings_v3.sql").read_text(), BACK),
    ]
