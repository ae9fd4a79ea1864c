"""Cases keep the region of their enterprise, and one index holds all that a desk counts and orders by."""

from typing import Any

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import OuterRef, Subquery


def fill(apps: Any, _schema_editor: Any) -> None:
    """Copy the region from the register."""
    enterprises = apps.get_model("registry", "Enterprise").objects
    region = enterprises.filter(pk=OuterRef("enterprise")).values("region")
    apps.get_model("cases", "Case").objects.update(home=Subquery(region))


def _home(*, null: bool) -> models.ForeignKey:
    on_delete = django.db.models.deletion.PROTECT
    return models.ForeignKey(
        db_index=False, editable=False, null=null, on_delete=on_delete, related_name="+", to="reference.region"
    )


class Migration(migrations.Migration):
    # PostgreSQL alters no table in the transaction that has just written its rows.
    atomic = False
    dependencies = [("cases", "0004_counts_and_order"), ("reference", "0001_initial"), ("registry", "0001_initial")]
    operations = [
        migrations.AddField("case", "home", _home(null=True)),
        migrations.RunPython(fill, migrations.RunPython.noop, atomic=True),
        migrations.AlterField("case", "home", _home(null=False)),
        migrations.AlterField("case", "output_at_risk", models.FloatField(blank=True, null=True)),
        migrations.RemoveIndex("case", "cases_case_state_3c0b84_idx"),
        migrations.RemoveIndex("case", "cases_case_state_f43acf_idx"),
        migrations.AddIndex(
            "case",
            models.Index(
                fields=[
                    "state", "-output_at_risk", "due_at", "number", "home", "lead_region", "offered_to", "owner", "event",
                ],
                name="cases_of_a_desk",
            ),
        ),
    ]
