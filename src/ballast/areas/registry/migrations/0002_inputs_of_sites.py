"""Sites keep how many inputs they use and when one was last reported."""

from typing import Any

from django.db import migrations, models
from django.db.models import Count, Max, OuterRef, Subquery
from django.db.models.functions import Coalesce


def fill(apps: Any, _schema_editor: Any) -> None:
    """Count the inputs that are there."""
    needs = apps.get_model("registry", "Need").objects
    in_use = needs.filter(site=OuterRef("pk"), daily_use__gt=0).order_by().values("site")
    number = Subquery(in_use.annotate(number=Count("pk")).values("number"))
    newest = Subquery(in_use.annotate(newest=Max("reported_at")).values("newest"))
    apps.get_model("registry", "Site").objects.update(inputs=Coalesce(number, 0), last_report=newest)


class Migration(migrations.Migration):
    dependencies = [("registry", "0001_initial")]
    operations = [
        migrations.AddField("site", "inputs", models.PositiveIntegerField(default=0, editable=False)),
        migrations.AddField("site", "last_report", models.DateTimeField(editable=False, null=True)),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AddIndex(
            "site",
            models.Index(fields=["region", "inputs", "last_report"], name="registry_si_region__cdbee9_idx"),
        ),
    ]
