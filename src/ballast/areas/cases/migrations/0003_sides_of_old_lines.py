"""Find the side and the desk of lines that named their unit as a text only; a text that names no one thing stays."""

from django.db import migrations
from django.db.models import F, Q

_BATCH = 500


def _named(apps, app, model, texts):
    """What goes by each of the texts, in English or Chinese: keys by text."""
    found: dict[str, set] = {text: set() for text in texts}
    rows = apps.get_model(app, model).objects.filter(Q(name__in=texts) | Q(name_zh__in=texts))
    for key, *names in rows.values_list("pk", "name", "name_zh"):
        for name in {*names} & found.keys():
            found[name].add(key)
    return found


def find_sides(apps, schema_editor):
    lines = apps.get_model("cases", "CaseEntry").objects.filter(side="").exclude(actor_unit="")
    own = Q(actor_unit=F("case__enterprise__name")) | Q(actor_unit=F("case__enterprise__name_zh"))
    lines.filter(own).update(side="enterprise", actor_unit="")
    texts = sorted(set(lines.order_by().values_list("actor_unit", flat=True)))
    for start in range(0, len(texts), _BATCH):
        batch = texts[start : start + _BATCH]
        whole = _named(apps, "reference", "Authority", batch)
        regions = _named(apps, "reference", "Region", batch)
        for text in batch:
            if whole[text]:
                lines.filter(actor_unit=text).update(side="desk", actor_unit="")
            elif len(regions[text]) == 1:
                lines.filter(actor_unit=text).update(side="desk", desk=regions[text].pop(), actor_unit="")


class Migration(migrations.Migration):
    dependencies = [("cases", "0002_side_of_speaker")]

    operations = [migrations.RunPython(find_sides, migrations.RunPython.noop, elidable=True)]
