"""The tables as they stand; a database that has taken the steps one by one goes on from them."""

import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    replaces = [
        ('registry', '0001_initial'),
        ('registry', '0002_inputs_of_sites'),
        ('registry', '0003_panels'),
        ('registry', '0004_sides_of_lanes'),
        ('registry', '0005_words'),
    ]

    dependencies = [
        ('reference', '0001_squashed'),
    ]

    operations = [
        migrations.CreateModel(
            name='Chain',
            fields=[
                ('name', models.CharField(max_length=200)),
                ('name_zh', models.CharField(blank=True, default='', max_length=200)),
                ('code', models.CharField(max_length=32, primary_key=True, serialize=False)),
            ],
            options={
                'ordering': ['code'],
            },
        ),
        migrations.CreateModel(
            name='Event',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('event_id', models.CharField(max_length=64, unique=True)),
                ('kind', models.CharField(choices=[('site', 'Site'), ('region', 'Region'), ('product', 'Product'), ('lane', 'Lane')], max_length=10)),
                ('subject', models.CharField(max_length=140)),
                ('side_from', models.GeneratedField(db_persist=True, expression=models.Case(models.When(kind='lane', then=django.db.models.functions.text.Trim(django.db.models.functions.text.Substr('subject', 1, django.db.models.expressions.CombinedExpression(django.db.models.functions.text.StrIndex('subject', models.Value('>')), '-', models.Value(1))))), default=models.F('subject'), output_field=models.CharField(max_length=140)), output_field=models.CharField(max_length=140))),
                ('side_to', models.GeneratedField(db_persist=True, expression=models.Case(models.When(kind='lane', then=django.db.models.functions.text.Trim(django.db.models.functions.text.Substr('subject', django.db.models.expressions.CombinedExpression(django.db.models.functions.text.StrIndex('subject', models.Value('>')), '+', models.Value(1))))), default=models.Value(''), output_field=models.CharField(max_length=140)), output_field=models.CharField(max_length=140))),
                ('start', models.DateField()),
                ('end', models.DateField(blank=True, null=True)),
                ('capacity_left', models.FloatField(default=0)),
                ('name', models.CharField(blank=True, default='', max_length=200)),
                ('name_zh', models.CharField(blank=True, default='', max_length=200)),
                ('case_id', models.CharField(blank=True, default='', max_length=64)),
                ('withdrawn_at', models.DateTimeField(blank=True, null=True)),
                ('words', models.GeneratedField(db_persist=True, expression=django.db.models.functions.text.Lower(django.db.models.functions.text.Concat(models.F('name'), models.Value('\n'), models.F('name_zh'), models.Value('\n'), models.F('event_id'), models.Value('\n'), models.F('subject'), models.Value('\n'), models.F('case_id'))), output_field=models.TextField())),
            ],
            options={
                'ordering': ['event_id'],
            },
        ),
        migrations.CreateModel(
            name='Enterprise',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=200)),
                ('name_zh', models.CharField(blank=True, default='', max_length=200)),
                ('enterprise_id', models.CharField(max_length=64, unique=True)),
                ('identifier', models.CharField(blank=True, db_index=True, default='', max_length=32)),
                ('size', models.CharField(blank=True, choices=[('large', 'Large'), ('medium', 'Medium'), ('small', 'Small'), ('micro', 'Micro')], default='', max_length=10)),
                ('key_list', models.BooleanField(default=False)),
                ('key_batch', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('panels', models.CharField(blank=True, default='', max_length=200)),
                ('operation', models.CharField(choices=[('running', 'Running'), ('restarted', 'Restarted'), ('stopped', 'Stopped'), ('unknown', 'Not reported')], default='unknown', max_length=10)),
                ('operation_reported_at', models.DateTimeField(blank=True, null=True)),
                ('words', models.GeneratedField(db_persist=True, expression=django.db.models.functions.text.Lower(django.db.models.functions.text.Concat(models.F('name'), models.Value('\n'), models.F('name_zh'), models.Value('\n'), models.F('enterprise_id'), models.Value('\n'), models.F('identifier'))), output_field=models.TextField())),
                ('chains', models.ManyToManyField(blank=True, related_name='enterprises', to='registry.chain')),
                ('industry', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to='reference.industry')),
                ('region', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='enterprises', to='reference.region')),
            ],
            options={
                'ordering': ['enterprise_id'],
            },
        ),
        migrations.CreateModel(
            name='Site',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=200)),
                ('name_zh', models.CharField(blank=True, default='', max_length=200)),
                ('site_id', models.CharField(max_length=64, unique=True)),
                ('daily_output_value', models.FloatField(blank=True, null=True)),
                ('recovery_days', models.PositiveIntegerField(blank=True, null=True)),
                ('minimum_rate', models.FloatField(default=0.05)),
                ('latitude', models.FloatField(blank=True, null=True)),
                ('longitude', models.FloatField(blank=True, null=True)),
                ('inputs', models.PositiveIntegerField(default=0, editable=False)),
                ('last_report', models.DateTimeField(editable=False, null=True)),
                ('words', models.GeneratedField(db_persist=True, expression=django.db.models.functions.text.Lower(django.db.models.functions.text.Concat(models.F('name'), models.Value('\n'), models.F('name_zh'), models.Value('\n'), models.F('site_id'))), output_field=models.TextField())),
                ('enterprise', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='sites', to='registry.enterprise')),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='sites', to='reference.product')),
                ('region', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='sites', to='reference.region')),
            ],
            options={
                'ordering': ['site_id'],
            },
        ),
        migrations.CreateModel(
            name='Need',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('daily_use', models.FloatField()),
                ('stock', models.FloatField(blank=True, null=True)),
                ('blocked_stock', models.FloatField(default=0)),
                ('in_transit', models.FloatField(default=0)),
                ('stock_upper', models.FloatField(blank=True, null=True)),
                ('target_days', models.FloatField(blank=True, null=True)),
                ('essential', models.BooleanField(default=True)),
                ('substitutable_share', models.FloatField(blank=True, null=True)),
                ('outside_share', models.FloatField(blank=True, null=True)),
                ('reported_at', models.DateTimeField(blank=True, null=True)),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='needs', to='reference.product')),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='reference.unit')),
                ('site', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='needs', to='registry.site')),
            ],
            options={
                'ordering': ['site__site_id', 'product_id'],
            },
        ),
        migrations.CreateModel(
            name='Link',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('daily_quantity', models.FloatField(blank=True, null=True)),
                ('lead_days', models.FloatField(default=1)),
                ('provenance', models.CharField(choices=[('reported', 'Reported'), ('verified', 'Verified'), ('inferred', 'Inferred')], default='reported', max_length=10)),
                ('as_of', models.DateField(blank=True, null=True)),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='reference.product')),
                ('customer', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='shipments_in', to='registry.site')),
                ('supplier', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='shipments_out', to='registry.site')),
            ],
            options={
                'ordering': ['supplier__site_id', 'customer__site_id', 'product_id'],
            },
        ),
        migrations.AddIndex(
            model_name='enterprise',
            index=models.Index(fields=['key_list', 'operation'], name='registry_en_key_lis_7f8807_idx'),
        ),
        migrations.AddIndex(
            model_name='enterprise',
            index=models.Index(fields=['name'], name='registry_en_name_587d33_idx'),
        ),
        migrations.AddIndex(
            model_name='enterprise',
            index=models.Index(fields=['panels', 'operation'], name='registry_en_panels_98ae0b_idx'),
        ),
        migrations.AddIndex(
            model_name='site',
            index=models.Index(fields=['region', 'inputs', 'last_report'], name='registry_si_region__cdbee9_idx'),
        ),
        migrations.AddIndex(
            model_name='need',
            index=models.Index(fields=['reported_at', 'site'], name='registry_ne_reporte_260c4c_idx'),
        ),
        migrations.AddConstraint(
            model_name='need',
            constraint=models.UniqueConstraint(fields=('site', 'product'), name='registry_need_unique'),
        ),
        migrations.AddConstraint(
            model_name='link',
            constraint=models.UniqueConstraint(fields=('supplier', 'customer', 'product'), name='registry_link_unique'),
        ),
        migrations.AddConstraint(
            model_name='link',
            constraint=models.CheckConstraint(condition=models.Q(('supplier', models.F('customer')), _negated=True), name='registry_no_self_link'),
        ),
    ]
