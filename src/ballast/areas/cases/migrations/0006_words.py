from django.db import migrations, models
from django.db.models.functions import Concat, Lower


class Migration(migrations.Migration):
    dependencies = [("cases", "0005_home")]
    operations = [
        migrations.AddField(
            "case",
            "words",
            models.GeneratedField(
                expression=Lower(Concat("number", models.Value(" "), "blocked")),
                output_field=models.TextField(),
                db_persist=True,
            ),
        ),
    ]
