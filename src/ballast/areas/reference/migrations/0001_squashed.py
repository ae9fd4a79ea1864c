"""The tables as they stand; a database that has taken the steps one by one goes on from them."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    replaces = [
        ('reference', '0001_initial'),
        ('reference', '0002_working_calendars'),
    ]

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Authority',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=200)),
                ('name_zh', models.CharField(blank=True, default='', max_length=200)),
                ('currency', models.CharField(default='CNY', max_length=3)),
                ('calendar', models.CharField(default='plain', max_length=16)),
                ('time_zone', models.CharField(default='Asia/Shanghai', max_length=64)),
                ('is_exercise', models.BooleanField(default=False)),
                ('exercise_date', models.DateField(blank=True, null=True)),
                ('report_due_time', models.TimeField(default='09:00')),
                ('brief_time', models.TimeField(default='06:00')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Industry',
            fields=[
                ('name', models.CharField(max_length=200)),
                ('name_zh', models.CharField(blank=True, default='', max_length=200)),
                ('code', models.CharField(max_length=16, primary_key=True, serialize=False)),
                ('scheme', models.CharField(max_length=16)),
                ('parent_code', models.CharField(blank=True, default='', max_length=16)),
                ('isic', models.CharField(blank=True, default='', max_length=4)),
            ],
            options={
                'ordering': ['code'],
            },
        ),
        migrations.CreateModel(
            name='Schedule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=64, unique=True)),
                ('job', models.CharField(max_length=200)),
                ('at', models.TimeField(blank=True, null=True)),
                ('every_minutes', models.PositiveIntegerField(blank=True, null=True)),
                ('next_due', models.DateTimeField(blank=True, db_index=True, null=True)),
                ('last_run', models.DateTimeField(blank=True, null=True)),
                ('last_error', models.TextField(blank=True, default='')),
            ],
            options={
                'ordering': ['name'],
            },
        ),
        migrations.CreateModel(
            name='Unit',
            fields=[
                ('name', models.CharField(max_length=200)),
                ('name_zh', models.CharField(blank=True, default='', max_length=200)),
                ('code', models.CharField(max_length=16, primary_key=True, serialize=False)),
            ],
            options={
                'ordering': ['code'],
            },
        ),
        migrations.CreateModel(
            name='Region',
            fields=[
                ('name', models.CharField(max_length=200)),
                ('name_zh', models.CharField(blank=True, default='', max_length=200)),
                ('code', models.CharField(max_length=16, primary_key=True, serialize=False)),
                ('iso', models.CharField(blank=True, default='', max_length=8)),
                ('short', models.CharField(blank=True, default='', max_length=8)),
                ('level', models.CharField(max_length=10)),
                ('path', models.CharField(db_index=True, max_length=100)),
                ('tile_x', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('tile_y', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='children', to='reference.region')),
            ],
            options={
                'ordering': ['code'],
            },
        ),
        migrations.CreateModel(
            name='Product',
            fields=[
                ('name', models.CharField(max_length=200)),
                ('name_zh', models.CharField(blank=True, default='', max_length=200)),
                ('code', models.CharField(max_length=64, primary_key=True, serialize=False)),
                ('industry_code', models.CharField(blank=True, default='', max_length=16)),
                ('unit', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to='reference.unit')),
            ],
            options={
                'ordering': ['code'],
            },
        ),
        migrations.CreateModel(
            name='WorkingCalendar',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=16)),
                ('version', models.CharField(max_length=32)),
                ('since', models.DateTimeField()),
                ('content', models.TextField()),
            ],
            options={
                'ordering': ['name', 'since'],
                'constraints': [models.UniqueConstraint(fields=('name', 'version'), name='reference_calendar_version')],
            },
        ),
    ]
