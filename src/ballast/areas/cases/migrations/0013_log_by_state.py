from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0012_files_of_lines")]

    operations = [
        migrations.AddIndex(
            model_name="caseentry",
            index=models.Index(fields=["state_after", "type", "state_before", "case"], name="cases_log_by_state"),
        ),
    ]
