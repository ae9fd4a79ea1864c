"""The tables as they stand; a database that has taken the steps one by one goes on from them."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    replaces = [
        ('chains', '0001_initial'),
        ('chains', '0002_event_forecast'),
    ]

    dependencies = [
        ('registry', '0001_squashed'),
    ]

    operations = [
        migrations.CreateModel(
            name='ForecastRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('horizon', models.PositiveIntegerField()),
                ('started_at', models.DateTimeField()),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
                ('network_hash', models.CharField(max_length=64)),
                ('parameters', models.JSONField(default=dict)),
                ('summary', models.JSONField(default=dict)),
                ('is_current', models.BooleanField(db_index=True, default=False)),
            ],
            options={
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='EventForecast',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('start', models.DateField()),
                ('end', models.DateField(blank=True, null=True)),
                ('capacity_left', models.FloatField()),
                ('sites', models.PositiveIntegerField()),
                ('output_at_risk', models.FloatField()),
                ('event', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='forecasts', to='registry.event')),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='events', to='chains.forecastrun')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('run', 'event'), name='chains_run_event')],
            },
        ),
        migrations.CreateModel(
            name='SiteForecast',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('stop_day', models.PositiveIntegerField(blank=True, null=True)),
                ('stop_day_latest', models.PositiveIntegerField(blank=True, null=True)),
                ('certain', models.BooleanField(default=False)),
                ('slow_day', models.PositiveIntegerField(blank=True, null=True)),
                ('red_day', models.PositiveIntegerField(blank=True, null=True)),
                ('recovery_day', models.PositiveIntegerField(blank=True, null=True)),
                ('lost_output', models.FloatField(blank=True, null=True)),
                ('lost_output_low', models.FloatField(blank=True, null=True)),
                ('path', models.JSONField(default=dict)),
                ('lead_event', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='registry.event')),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='sites', to='chains.forecastrun')),
                ('site', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='forecasts', to='registry.site')),
            ],
            options={
                'ordering': ['stop_day', 'site__site_id'],
                'indexes': [models.Index(fields=['run', 'stop_day'], name='chains_site_run_id_56a745_idx'), models.Index(fields=['run', 'lead_event'], name='chains_site_run_id_312021_idx')],
                'constraints': [models.UniqueConstraint(fields=('run', 'site'), name='chains_run_site')],
            },
        ),
    ]
