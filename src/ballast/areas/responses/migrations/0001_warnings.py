"""Warnings, one for each cause: what they name, and who was told."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('cases', '0015_what_packs_ask'),
        ('reference', '0001_squashed'),
        ('registry', '0001_squashed'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Warned',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=64)),
                ('events', models.JSONField(default=list)),
                ('began_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('state', models.CharField(choices=[('open', 'Waits for a decision'), ('confirmed', 'Confirmed'), ('dismissed', 'Dismissed')], default='open', max_length=10)),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
                ('reason', models.TextField(blank=True, default='')),
                ('data_at', models.DateTimeField()),
                ('basis', models.JSONField(default=dict)),
                ('cases', models.ManyToManyField(related_name='warnings', to='cases.case')),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('site', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='registry.site')),
            ],
            options={
                'ordering': ['-began_at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='Told',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('state', models.CharField(choices=[('told', 'Told'), ('held', 'Held'), ('bundled', 'Bundled')], max_length=8)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('warning', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='told', to='responses.warned')),
            ],
        ),
        migrations.CreateModel(
            name='WarnedOf',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('stops_on', models.DateField(blank=True, null=True)),
                ('certain', models.BooleanField(default=False)),
                ('lost_output', models.FloatField(blank=True, null=True)),
                ('cover_days', models.FloatField(blank=True, null=True)),
                ('since', models.DateTimeField()),
                ('left_at', models.DateTimeField(blank=True, null=True)),
                ('product', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='reference.product')),
                ('site', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='warned', to='registry.site')),
                ('warning', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='members', to='responses.warned')),
            ],
            options={
                'ordering': ['stops_on', 'pk'],
            },
        ),
        migrations.AddIndex(
            model_name='warned',
            index=models.Index(fields=['ended_at', 'state', '-began_at'], name='warnings_by_state'),
        ),
        migrations.AddConstraint(
            model_name='warned',
            constraint=models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('key',), name='one_warning_a_cause'),
        ),
        migrations.AddIndex(
            model_name='told',
            index=models.Index(fields=['person', 'state', 'at'], name='told_of_a_day'),
        ),
        migrations.AddIndex(
            model_name='warnedof',
            index=models.Index(fields=['warning', 'left_at'], name='warned_of_now'),
        ),
    ]
