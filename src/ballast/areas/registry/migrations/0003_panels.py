from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("registry", "0002_inputs_of_sites")]
    operations = [
        migrations.AddIndex(
            "enterprise", models.Index(fields=["panels", "operation"], name="registry_en_panels_98ae0b_idx")
        ),
    ]
