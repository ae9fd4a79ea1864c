from django.db import migrations, models
from django.db.models import Value
from django.db.models.functions import Concat, Lower


class Migration(migrations.Migration):
    """The description is searched too. What makes a generated column cannot be altered: it is made anew."""

    dependencies = [("cases", "0017_parents")]
    operations = [
        migrations.RemoveField("case", "words"),
        migrations.AddField(
            "case",
            "words",
            models.GeneratedField(
                expression=Lower(
                    Concat("number", Value("\n"), "blocked", Value("\n"), "text", output_field=models.TextField())
                ),
                output_field=models.TextField(),
                db_persist=True,
            ),
        ),
    ]
