import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0006_words"), ("reference", "0001_initial")]
    operations = [
        migrations.AlterField(
            "case",
            "state",
            models.CharField(
                choices=[
                    ("filed", "Filed"),
                    ("accepted", "Accepted"),
                    ("assigned", "Assigned"),
                    ("solving", "Being solved"),
                    ("solved", "Solved, waits for the enterprise's word"),
                    ("confirmed", "Confirmed by the enterprise"),
                    ("disputed", "Disputed by the enterprise"),
                    ("withdrawn", "Withdrawn"),
                    ("merged", "Merged into another case"),
                ],
                default="filed",
                max_length=12,
            ),
        ),
        migrations.CreateModel(
            "Merge",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("state_since", models.DateTimeField()),
                ("event_counted", models.BooleanField()),
                (
                    "case",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="merge", to="cases.case"
                    ),
                ),
                (
                    "into",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT, related_name="merges", to="cases.case"
                    ),
                ),
                (
                    "line",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.RESTRICT, related_name="+", to="cases.caseentry"
                    ),
                ),
                (
                    "line_there",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.RESTRICT, related_name="+", to="cases.caseentry"
                    ),
                ),
                (
                    "offered_to",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="reference.region",
                    ),
                ),
            ],
        ),
    ]
