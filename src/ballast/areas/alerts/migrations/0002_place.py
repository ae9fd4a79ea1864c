"""Lamps keep copies of their enterprise's region and chains."""

from collections import defaultdict
from typing import Any

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import OuterRef, Subquery


def fill(apps: Any, _schema_editor: Any) -> None:
    """Copy region and chains from the register."""
    enterprise_model = apps.get_model("registry", "Enterprise")
    region = Subquery(enterprise_model.objects.filter(pk=OuterRef("enterprise")).values("region"))
    chains = defaultdict(list)
    members = enterprise_model.chains.through.objects.order_by("chain_id").values_list("enterprise_id", "chain_id")
    for enterprise, chain in members:
        chains[enterprise].append(chain)
    by_text = defaultdict(list)
    for enterprise, codes in chains.items():
        by_text[f";{';'.join(codes)};"].append(enterprise)
    for name in ("Lamp", "EnterpriseLamp"):
        rows = apps.get_model("alerts", name).objects
        rows.update(region=region)
        for text, enterprises in by_text.items():
            for first in range(0, len(enterprises), 500):
                rows.filter(enterprise__in=enterprises[first : first + 500]).update(chains=text)


def _region(*, null: bool) -> models.ForeignKey:
    on_delete = django.db.models.deletion.PROTECT
    return models.ForeignKey(
        db_index=False, editable=False, null=null, on_delete=on_delete, related_name="+", to="reference.region"
    )


class Migration(migrations.Migration):
    # PostgreSQL alters no table in the transaction that has just written its rows.
    atomic = False
    dependencies = [("alerts", "0001_initial"), ("reference", "0001_initial"), ("registry", "0001_initial")]
    operations = [
        *(
            operation
            for name in ("lamp", "enterpriselamp")
            for operation in (
                migrations.AddField(name, "chains", models.TextField(default="", editable=False)),
                migrations.AddField(name, "region", _region(null=True)),
            )
        ),
        migrations.RunPython(fill, migrations.RunPython.noop, atomic=True),
        *(migrations.AlterField(name, "region", _region(null=False)) for name in ("lamp", "enterpriselamp")),
        migrations.AddIndex(
            "lamp", models.Index(fields=["region", "chains", "level"], name="alerts_lamp_region__0eee45_idx")
        ),
        migrations.AddIndex(
            "enterpriselamp", models.Index(fields=["region", "chains", "level"], name="alerts_ente_region__f77a23_idx")
        ),
        migrations.AddIndex("lampchange", models.Index(fields=["need", "at"], name="alerts_lamp_need_id_d47429_idx")),
        migrations.AlterField(
            "lampchange",
            "need",
            models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="lamp_changes",
                to="registry.need",
            ),
        ),
    ]
