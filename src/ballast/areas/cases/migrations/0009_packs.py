from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0008_log_told")]

    operations = [
        migrations.AddField(model_name="case", name="pack", field=models.CharField(default="problem", max_length=20)),
        migrations.AlterField(model_name="case", name="kind", field=models.CharField(max_length=20)),
        migrations.AlterField(
            model_name="case", name="state", field=models.CharField(default="filed", max_length=20)
        ),
        migrations.AlterField(
            model_name="caseentry",
            name="state_before",
            field=models.CharField(blank=True, default="", max_length=20),
        ),
        migrations.AlterField(
            model_name="caseentry",
            name="state_after",
            field=models.CharField(blank=True, default="", max_length=20),
        ),
    ]
