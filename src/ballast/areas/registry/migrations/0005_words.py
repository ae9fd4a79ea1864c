from django.db import migrations, models
from django.db.models.functions import Concat, Lower


def words(*fields):
    parts = [part for field in fields for part in (models.Value("\n"), models.F(field))][1:]
    return models.GeneratedField(
        expression=Lower(Concat(*parts)), output_field=models.TextField(), db_persist=True
    )


class Migration(migrations.Migration):
    dependencies = [("registry", "0004_sides_of_lanes")]
    operations = [
        migrations.AddField("enterprise", "words", words("name", "name_zh", "enterprise_id", "identifier")),
        migrations.AddField("site", "words", words("name", "name_zh", "site_id")),
        migrations.AddField("event", "words", words("name", "name_zh", "event_id", "subject", "case_id")),
    ]
