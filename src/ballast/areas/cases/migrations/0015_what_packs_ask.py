import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0014_reply_texts"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]

    operations = [
        migrations.AddField(model_name="case", name="answers", field=models.JSONField(blank=True, default=dict)),
        migrations.AddField(
            model_name="case", name="outcome", field=models.CharField(blank=True, default="", max_length=24)
        ),
        migrations.AddField(
            model_name="caseentry", name="outcome", field=models.CharField(blank=True, default="", max_length=24)
        ),
        migrations.AlterField(
            model_name="case", name="contact", field=models.CharField(blank=True, max_length=200)
        ),
        migrations.AlterField(model_name="case", name="needed_by", field=models.DateField(blank=True, null=True)),
        migrations.AlterField(model_name="case", name="text", field=models.TextField(blank=True)),
        migrations.CreateModel(
            name="Tick",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("item", models.CharField(max_length=20)),
                ("at", models.DateTimeField()),
                ("by_name", models.CharField(max_length=150)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="ticks", to="cases.case"
                    ),
                ),
            ],
            options={"constraints": [models.UniqueConstraint(fields=("case", "item"), name="cases_ticked_once")]},
        ),
    ]
