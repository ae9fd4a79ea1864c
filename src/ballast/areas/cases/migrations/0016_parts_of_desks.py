import django.db.models.deletion
from django.db import migrations, models


def tell_departments(apps, schema_editor):
    """Lines of cases that a department leads, from the one that led there on, say so."""
    case = apps.get_model("cases", "Case")
    entries = apps.get_model("cases", "CaseEntry").objects
    for key, department in case.objects.filter(department__isnull=False).values_list("pk", "department"):
        mine = entries.filter(case=key)
        since = mine.filter(toward_department=department).order_by("pk").values_list("pk", flat=True).last()
        mine.filter(pk__gte=since or 0).update(lead_department=department)


def _desk():
    return models.ForeignKey(
        blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="desks.department"
    )


class Migration(migrations.Migration):
    dependencies = [("cases", "0015_what_packs_ask"), ("desks", "0001_squashed")]

    operations = [
        migrations.AddField(model_name="caseentry", name="lead_department", field=_desk()),
        migrations.AddField(model_name="extension", name="department", field=_desk()),
        migrations.CreateModel(
            name="Part",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("agency", models.CharField(max_length=60)),
                (
                    "state",
                    models.CharField(
                        choices=[("running", "running"), ("paused", "paused"), ("met", "met"), ("missed", "missed")],
                        max_length=8,
                    ),
                ),
                ("ended", models.BooleanField(default=False)),
                ("due", models.DateTimeField(blank=True, null=True)),
                ("upto", models.DateTimeField()),
                ("used", models.FloatField()),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="parts", to="cases.case"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("case", "agency"), name="cases_part_of_desk")],
                "indexes": [models.Index(fields=["agency", "state"], name="cases_parts_of_desk")],
            },
        ),
        migrations.RunPython(tell_departments, migrations.RunPython.noop),
    ]
