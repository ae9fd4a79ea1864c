"""The tables as they stand; a database that has taken the steps one by one goes on from them."""

from importlib import import_module

import django.db.models.deletion
import django.db.models.functions.comparison
from django.conf import settings
from django.db import migrations, models


begin = import_module("ballast.areas.desks.migrations.0002_steps_to_begin_with").begin


class Migration(migrations.Migration):

    initial = True

    replaces = [
        ('desks', '0001_departments_groups_rules'),
        ('desks', '0002_steps_to_begin_with'),
    ]

    dependencies = [
        ('reference', '0001_squashed'),
        ('registry', '0001_squashed'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Department',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=200)),
                ('name_zh', models.CharField(blank=True, default='', max_length=200)),
                ('code', models.SlugField(max_length=32)),
                ('closed', models.BooleanField(default=False)),
                ('members', models.ManyToManyField(blank=True, related_name='departments', to=settings.AUTH_USER_MODEL)),
                ('region', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='departments', to='reference.region')),
            ],
            options={
                'ordering': ['region', 'code'],
            },
        ),
        migrations.CreateModel(
            name='EscalationStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(blank=True, default='', max_length=40)),
                ('hours', models.FloatField()),
                ('to', models.CharField(choices=[('owner', 'Owner, or the desk where there is none'), ('desk', 'Desk that leads'), ('superior', 'Desk of the region above'), ('leader', 'Leaders of the region')], max_length=10)),
            ],
            options={
                'ordering': ['hours', 'kind', 'to'],
                'constraints': [models.UniqueConstraint(fields=('kind', 'hours', 'to'), name='desks_step_once')],
            },
        ),
        migrations.CreateModel(
            name='Fallback',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('region', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='fallback', to='reference.region')),
                ('to_department', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='desks.department')),
                ('to_person', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('to_region', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='reference.region')),
            ],
        ),
        migrations.CreateModel(
            name='FastTrack',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('one_name', models.CharField(max_length=100)),
                ('one_phone', models.CharField(blank=True, default='', max_length=40)),
                ('one_email', models.EmailField(blank=True, default='', max_length=254)),
                ('other_name', models.CharField(max_length=100)),
                ('other_phone', models.CharField(blank=True, default='', max_length=40)),
                ('other_email', models.EmailField(blank=True, default='', max_length=254)),
                ('one', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='reference.region')),
                ('other', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='reference.region')),
            ],
            options={
                'ordering': ['one', 'other'],
            },
        ),
        migrations.CreateModel(
            name='WorkingGroup',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=200)),
                ('name_zh', models.CharField(blank=True, default='', max_length=200)),
                ('starts', models.DateField()),
                ('ends', models.DateField()),
                ('chain', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='registry.chain')),
                ('members', models.ManyToManyField(blank=True, related_name='working_groups', to=settings.AUTH_USER_MODEL)),
                ('regions', models.ManyToManyField(blank=True, related_name='+', to='reference.region')),
            ],
            options={
                'ordering': ['-ends', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='RoutingRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveIntegerField()),
                ('name', models.CharField(max_length=100)),
                ('kind', models.CharField(blank=True, default='', max_length=40)),
                ('level', models.CharField(blank=True, choices=[('key_list', 'Enterprise of the key list'), ('red', 'Enterprise with a red lamp')], default='', max_length=10)),
                ('product_prefix', models.CharField(blank=True, default='', max_length=64)),
                ('starts', models.DateField()),
                ('ends', models.DateField(blank=True, null=True)),
                ('chain', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='registry.chain')),
                ('region', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='reference.region')),
                ('to_department', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='desks.department')),
                ('to_person', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('to_region', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='reference.region')),
                ('to_group', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='desks.workinggroup')),
            ],
            options={
                'ordering': ['position', 'pk'],
            },
        ),
        migrations.AddConstraint(
            model_name='department',
            constraint=models.UniqueConstraint(fields=('region', 'code'), name='desks_department_of_region'),
        ),
        migrations.AddConstraint(
            model_name='fasttrack',
            constraint=models.UniqueConstraint(django.db.models.functions.comparison.Least('one', 'other'), django.db.models.functions.comparison.Greatest('one', 'other'), name='desks_track_of_pair'),
        ),
        migrations.AddConstraint(
            model_name='fasttrack',
            constraint=models.CheckConstraint(condition=models.Q(('one', models.F('other')), _negated=True), name='desks_track_has_two_sides'),
        ),
        migrations.AddConstraint(
            model_name='workinggroup',
            constraint=models.CheckConstraint(condition=models.Q(('ends__gte', models.F('starts'))), name='desks_group_has_days'),
        ),
        migrations.RunPython(begin, migrations.RunPython.noop),
    ]
