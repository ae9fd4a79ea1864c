from django.db import migrations

# Proposals: an authority sets its own on /desks/escalation/.
STEPS = ((-4, "owner"), (0, "desk"), (8, "superior"), (24, "leader"))


def begin(apps, _schema):
    step = apps.get_model("desks", "EscalationStep")
    for hours, to in STEPS:
        step.objects.get_or_create(kind="", hours=hours, to=to)


class Migration(migrations.Migration):
    dependencies = [("desks", "0001_departments_groups_rules")]

    operations = [migrations.RunPython(begin, migrations.RunPython.noop)]
