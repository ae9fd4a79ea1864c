"""The events that all have to end so that a site runs again, kept with its forecast."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("chains", "0002_event_forecast")]

    operations = [migrations.AddField("siteforecast", "causes", models.JSONField(default=list))]
