from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0003_sides_of_old_lines")]
    operations = [
        migrations.RemoveIndex("case", "cases_case_state_61f58a_idx"),
        migrations.AddIndex(
            "case",
            models.Index(fields=["state", "due_at", "owner", "offered_to"], name="cases_case_state_3c0b84_idx"),
        ),
        migrations.AddIndex(
            "case",
            models.Index(fields=["state", "-output_at_risk", "due_at", "number"], name="cases_case_state_f43acf_idx"),
        ),
        migrations.AddIndex("case", models.Index(fields=["filed_at"], name="cases_case_filed_a_67c813_idx")),
    ]
