"""The tables as they stand; a database that has taken the steps one by one goes on from them."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    replaces = [
        ('dispatch', '0001_sheets'),
        ('dispatch', '0002_circulars'),
        ('dispatch', '0003_handovers'),
    ]

    dependencies = [
        ('cases', '0001_squashed'),
        ('reference', '0001_squashed'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='CircularSeries',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('scope', models.CharField(max_length=140)),
                ('year', models.PositiveSmallIntegerField()),
                ('last', models.PositiveIntegerField(default=0)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('scope', 'year'), name='dispatch_circular_series')],
            },
        ),
        migrations.CreateModel(
            name='Sheet',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('scope', models.CharField(max_length=140)),
                ('issue', models.PositiveIntegerField()),
                ('since', models.DateTimeField()),
                ('cut_off_at', models.DateTimeField()),
                ('facts', models.JSONField()),
                ('inputs_hash', models.CharField(max_length=64)),
                ('made_by', models.CharField(blank=True, default='', max_length=150)),
            ],
            options={
                'ordering': ['-day', 'scope', '-issue'],
                'constraints': [models.UniqueConstraint(fields=('day', 'scope', 'issue'), name='dispatch_day_scope_issue')],
            },
        ),
        migrations.CreateModel(
            name='SheetCases',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('counted', models.JSONField()),
                ('sheet', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='cases', to='dispatch.sheet')),
            ],
        ),
        migrations.CreateModel(
            name='Circular',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('scope', models.CharField(max_length=140)),
                ('state', models.CharField(choices=[('draft', 'Draft'), ('issued', 'Issued'), ('withdrawn', 'Withdrawn'), ('discarded', 'Discarded before it was issued')], default='draft', max_length=10)),
                ('year', models.PositiveSmallIntegerField(null=True)),
                ('serial', models.PositiveIntegerField(null=True)),
                ('cut_off_at', models.DateTimeField()),
                ('facts', models.JSONField()),
                ('reply_by', models.DateField()),
                ('text', models.TextField(blank=True, default='')),
                ('contact', models.CharField(blank=True, default='', max_length=200)),
                ('copies', models.CharField(blank=True, default='', max_length=300)),
                ('drafted_at', models.DateTimeField()),
                ('issued_at', models.DateTimeField(null=True)),
                ('withdrawn_at', models.DateTimeField(null=True)),
                ('reason', models.TextField(blank=True, default='')),
                ('approved_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('drafted_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('regions', models.ManyToManyField(related_name='+', to='reference.region')),
                ('withdrawn_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-drafted_at', '-pk'],
                'constraints': [models.UniqueConstraint(fields=('scope', 'year', 'serial'), name='dispatch_circular_number'), models.CheckConstraint(condition=models.Q(('approved_by', None), models.Q(('approved_by', models.F('drafted_by')), _negated=True), _connector='OR'), name='dispatch_circular_has_two_people'), models.CheckConstraint(condition=models.Q(models.Q(('serial', None), ('state__in', ['draft', 'discarded'])), models.Q(('serial__isnull', False), ('state__in', ['issued', 'withdrawn'])), _connector='OR'), name='dispatch_circular_is_numbered_when_issued')],
            },
        ),
        migrations.CreateModel(
            name='Handover',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('scope', models.CharField(max_length=140)),
                ('from_at', models.DateTimeField()),
                ('until_at', models.DateTimeField()),
                ('next_until', models.DateTimeField()),
                ('facts', models.JSONField()),
                ('remarks', models.TextField(blank=True, default='')),
                ('written_at', models.DateTimeField()),
                ('signed_at', models.DateTimeField(null=True)),
                ('signed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('written_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-until_at', '-pk'],
                'indexes': [models.Index(fields=['scope', '-until_at'], name='dispatch_ha_scope_d24733_idx')],
                'constraints': [models.CheckConstraint(condition=models.Q(('signed_by', None), models.Q(('signed_by', models.F('written_by')), _negated=True), _connector='OR'), name='dispatch_handover_has_two_people'), models.CheckConstraint(condition=models.Q(('from_at__lt', models.F('until_at')), ('until_at__lt', models.F('next_until'))), name='dispatch_handover_runs_forward')],
            },
        ),
        migrations.CreateModel(
            name='Promise',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('scope', models.CharField(max_length=140)),
                ('text', models.CharField(max_length=500)),
                ('due_at', models.DateTimeField()),
                ('made_at', models.DateTimeField()),
                ('kept_at', models.DateTimeField(null=True)),
                ('case', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='promises', to='cases.case')),
                ('kept_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('made_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['due_at', 'pk'],
                'indexes': [models.Index(fields=['scope', 'kept_at', 'due_at'], name='dispatch_pr_scope_6ed909_idx')],
            },
        ),
    ]
