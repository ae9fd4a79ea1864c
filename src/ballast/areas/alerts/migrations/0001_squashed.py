"""The tables as they stand; a database that has taken the steps one by one goes on from them."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    replaces = [
        ('alerts', '0001_initial'),
        ('alerts', '0002_place'),
    ]

    dependencies = [
        ('reference', '0001_squashed'),
        ('registry', '0001_squashed'),
    ]

    operations = [
        migrations.CreateModel(
            name='EnterpriseLamp',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('chains', models.TextField(default='', editable=False)),
                ('level', models.CharField(choices=[('red', 'red'), ('yellow', 'yellow'), ('blue', 'blue'), ('normal', 'normal'), ('no_data', 'no report'), ('not_in_use', 'not in use')], db_index=True, max_length=12)),
                ('severity', models.GeneratedField(db_persist=True, expression=models.Case(models.When(level='red', then=models.Value(0)), models.When(level='yellow', then=models.Value(1)), models.When(level='blue', then=models.Value(2)), models.When(level='normal', then=models.Value(3)), models.When(level='no_data', then=models.Value(4)), models.When(level='not_in_use', then=models.Value(5)), default=models.Value(9)), output_field=models.SmallIntegerField())),
                ('since', models.DateTimeField()),
                ('unconfirmed_since', models.DateTimeField(blank=True, null=True)),
                ('missing', models.PositiveIntegerField(default=0)),
                ('cover_days', models.FloatField(blank=True, null=True)),
                ('enterprise', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='lamp', to='registry.enterprise')),
                ('region', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='reference.region')),
                ('worst_need', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='registry.need')),
            ],
            options={
                'indexes': [models.Index(fields=['severity', 'cover_days'], name='alerts_ente_severit_477676_idx'), models.Index(fields=['region', 'chains', 'level'], name='alerts_ente_region__f77a23_idx')],
            },
        ),
        migrations.CreateModel(
            name='Lamp',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('chains', models.TextField(default='', editable=False)),
                ('level', models.CharField(choices=[('red', 'red'), ('yellow', 'yellow'), ('blue', 'blue'), ('normal', 'normal'), ('no_data', 'no report'), ('not_in_use', 'not in use')], max_length=12)),
                ('severity', models.GeneratedField(db_persist=True, expression=models.Case(models.When(level='red', then=models.Value(0)), models.When(level='yellow', then=models.Value(1)), models.When(level='blue', then=models.Value(2)), models.When(level='normal', then=models.Value(3)), models.When(level='no_data', then=models.Value(4)), models.When(level='not_in_use', then=models.Value(5)), default=models.Value(9)), output_field=models.SmallIntegerField())),
                ('since', models.DateTimeField()),
                ('held', models.CharField(blank=True, choices=[('red', 'red'), ('yellow', 'yellow'), ('blue', 'blue'), ('normal', 'normal'), ('no_data', 'no report'), ('not_in_use', 'not in use')], default='', max_length=12)),
                ('held_since', models.DateTimeField(blank=True, null=True)),
                ('cover_days', models.FloatField(blank=True, null=True)),
                ('reason', models.JSONField(default=dict)),
                ('enterprise', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='lamps', to='registry.enterprise')),
                ('need', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='lamp', to='registry.need')),
                ('region', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='reference.region')),
            ],
            options={
                'indexes': [models.Index(fields=['level', 'since'], name='alerts_lamp_level_69f393_idx'), models.Index(fields=['severity', 'cover_days'], name='alerts_lamp_severit_05bc37_idx'), models.Index(fields=['enterprise', 'level'], name='alerts_lamp_enterpr_045df8_idx'), models.Index(fields=['region', 'chains', 'level'], name='alerts_lamp_region__0eee45_idx')],
            },
        ),
        migrations.CreateModel(
            name='LampChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('level_before', models.CharField(blank=True, default='', max_length=12)),
                ('level', models.CharField(choices=[('red', 'red'), ('yellow', 'yellow'), ('blue', 'blue'), ('normal', 'normal'), ('no_data', 'no report'), ('not_in_use', 'not in use')], max_length=12)),
                ('cover_days', models.FloatField(blank=True, null=True)),
                ('rule', models.CharField(max_length=64)),
                ('inputs', models.JSONField(default=dict)),
                ('need', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='lamp_changes', to='registry.need')),
            ],
            options={
                'ordering': ['-at', '-id'],
                'indexes': [models.Index(fields=['at'], name='alerts_lamp_at_2f5319_idx'), models.Index(fields=['need', 'at'], name='alerts_lamp_need_id_d47429_idx')],
            },
        ),
    ]
