"""The tables as they stand; a database that has taken the steps one by one goes on from them."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    replaces = [
        ('reports', '0001_initial'),
        ('reports', '0002_turns'),
        ('reports', '0003_one_index_less'),
    ]

    dependencies = [
        ('registry', '0001_squashed'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='OperatingReport',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('version', models.PositiveIntegerField(default=1)),
                ('reported_at', models.DateTimeField()),
                ('source', models.CharField(max_length=16)),
                ('withdrawn_at', models.DateTimeField(blank=True, null=True)),
                ('operation', models.CharField(choices=[('running', 'Running'), ('restarted', 'Restarted'), ('stopped', 'Stopped'), ('unknown', 'Not reported')], max_length=10)),
                ('staff_share', models.FloatField(blank=True, null=True)),
                ('capacity_share', models.FloatField(blank=True, null=True)),
                ('remark', models.CharField(blank=True, default='', max_length=500)),
                ('turn', models.SmallIntegerField(default=0, editable=False)),
                ('enterprise', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='operating_reports', to='registry.enterprise')),
                ('reporter', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-day', '-version'],
                'indexes': [models.Index(fields=['enterprise', 'turn', 'day'], name='reports_ope_enterpr_c32b8e_idx')],
                'constraints': [models.UniqueConstraint(fields=('enterprise', 'day', 'version'), name='reports_operating_version')],
            },
        ),
        migrations.CreateModel(
            name='Reminder',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('at', models.DateTimeField()),
                ('enterprise', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='reminders', to='registry.enterprise')),
                ('sender', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-day'],
                'constraints': [models.UniqueConstraint(fields=('enterprise', 'day'), name='reports_reminder_once_a_day')],
            },
        ),
        migrations.CreateModel(
            name='StockReport',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('version', models.PositiveIntegerField(default=1)),
                ('reported_at', models.DateTimeField()),
                ('source', models.CharField(max_length=16)),
                ('withdrawn_at', models.DateTimeField(blank=True, null=True)),
                ('stock', models.FloatField()),
                ('blocked_stock', models.FloatField(default=0)),
                ('in_transit', models.FloatField(default=0)),
                ('daily_use', models.FloatField()),
                ('need', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='reports', to='registry.need')),
                ('reporter', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-day', '-version'],
                'constraints': [models.UniqueConstraint(fields=('need', 'day', 'version'), name='reports_stock_version')],
            },
        ),
    ]
