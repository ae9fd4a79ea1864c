"""Operating reports keep whether the enterprise went to work or stopped with them."""

from collections import defaultdict
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.db import migrations, models


def fill(apps: Any, _schema_editor: Any) -> None:
    """Compare each report with the one before it."""
    reports = apps.get_model("reports", "OperatingReport").objects
    rows = reports.filter(withdrawn_at=None).order_by("enterprise", "day", "version")
    found = defaultdict(list)
    for _enterprise, own in groupby(rows.values_list("enterprise_id", "pk", "operation").iterator(), itemgetter(0)):
        before = False
        for _enterprise, pk, operation in own:
            working = operation in ("running", "restarted")
            found[working - before].append(pk)
            before = working
    for turn in (-1, 1):
        for first in range(0, len(found[turn]), 500):
            reports.filter(pk__in=found[turn][first : first + 500]).update(turn=turn)


class Migration(migrations.Migration):
    dependencies = [("registry", "0002_inputs_of_sites"), ("reports", "0001_initial")]
    operations = [
        migrations.AddField("operatingreport", "turn", models.SmallIntegerField(default=0, editable=False)),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AddIndex("operatingreport", models.Index(fields=["enterprise", "turn", "day"], name="reports_ope_enterpr_c32b8e_idx")),
    ]
