from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0007_merge")]

    operations = [
        migrations.AddIndex(
            model_name="caseentry",
            index=models.Index(
                fields=["case", "type", "state_after", "state_before", "side", "at"], name="cases_log_told"
            ),
        ),
    ]
