"""Versions of the warning rules, and what a rule that holds and keeps has counted of a lamp."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('alerts', '0001_squashed'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='lamp',
            name='counts',
            field=models.JSONField(default=dict, editable=False),
        ),
        migrations.CreateModel(
            name='PackVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('pack', models.CharField(max_length=40)),
                ('version', models.CharField(max_length=40)),
                ('title', models.CharField(max_length=200)),
                ('title_zh', models.CharField(max_length=200)),
                ('text', models.TextField()),
                ('effective_from', models.DateField()),
                ('effective_until', models.DateField(blank=True, null=True)),
                ('base', models.CharField(blank=True, default='', max_length=40)),
                ('why', models.TextField()),
                ('dry_run', models.JSONField(default=dict)),
                ('state', models.CharField(choices=[('proposed', 'waits for a second person'), ('approved', 'approved'), ('refused', 'refused'), ('withdrawn', 'withdrawn')], default='proposed', max_length=10)),
                ('proposed_at', models.DateTimeField()),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
                ('note', models.TextField(blank=True, default='')),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('proposed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['pack', '-effective_from', '-pk'],
                'constraints': [models.UniqueConstraint(fields=('pack', 'version'), name='alerts_pack_version')],
            },
        ),
    ]
