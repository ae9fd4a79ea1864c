"""A line of a story keeps for which side a person spoke, and for which region's desk."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0001_initial"),
        ("reference", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="caseentry",
            name="desk",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="reference.region",
            ),
        ),
        migrations.AddField(
            model_name="caseentry",
            name="side",
            field=models.CharField(
                blank=True, choices=[("desk", "Desk"), ("enterprise", "Enterprise")], default="", max_length=10
            ),
        ),
    ]
