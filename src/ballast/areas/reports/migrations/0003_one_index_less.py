import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("reports", "0002_turns")]
    operations = [
        # Two other indexes begin with the enterprise; SQLite took this one and read every report.
        migrations.AlterField(
            "operatingreport",
            "enterprise",
            models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="operating_reports",
                to="registry.enterprise",
            ),
        ),
    ]
