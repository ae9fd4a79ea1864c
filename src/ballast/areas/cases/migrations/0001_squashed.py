"""The tables as they stand; a database that has taken the steps one by one goes on from them."""

import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    replaces = [
        ('cases', '0001_initial'),
        ('cases', '0002_side_of_speaker'),
        ('cases', '0003_sides_of_old_lines'),
        ('cases', '0004_counts_and_order'),
        ('cases', '0005_home'),
        ('cases', '0006_words'),
        ('cases', '0007_merge'),
        ('cases', '0008_log_told'),
        ('cases', '0009_packs'),
        ('cases', '0010_clocks'),
        ('cases', '0011_desks_and_groups'),
        ('cases', '0012_files_of_lines'),
        ('cases', '0013_log_by_state'),
        ('cases', '0014_reply_texts'),
        ('cases', '0015_what_packs_ask'),
    ]

    dependencies = [
        ('desks', '0001_squashed'),
        ('reference', '0001_squashed'),
        ('registry', '0001_squashed'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='NumberSeries',
            fields=[
                ('prefix', models.CharField(max_length=24, primary_key=True, serialize=False)),
                ('last', models.PositiveIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name='Case',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=32, unique=True)),
                ('pack', models.CharField(default='problem', max_length=20)),
                ('kind', models.CharField(max_length=20)),
                ('state', models.CharField(default='filed', max_length=20)),
                ('blocked', models.CharField(max_length=200)),
                ('needed_by', models.DateField(blank=True, null=True)),
                ('contact', models.CharField(blank=True, max_length=200)),
                ('text', models.TextField(blank=True)),
                ('answers', models.JSONField(blank=True, default=dict)),
                ('filed_at', models.DateTimeField()),
                ('due_at', models.DateTimeField()),
                ('policy_due', models.DateTimeField(blank=True, null=True)),
                ('answer_due', models.DateTimeField(blank=True, null=True)),
                ('part_due', models.DateTimeField(blank=True, null=True)),
                ('stops_on', models.DateField(blank=True, null=True)),
                ('stop_certain', models.BooleanField(default=False)),
                ('waiting_for', models.CharField(blank=True, choices=[('enterprise', 'the enterprise'), ('partner', 'another authority or partner'), ('upstream', 'something upstream')], default='', max_length=10)),
                ('waiting_reason', models.CharField(blank=True, default='', max_length=300)),
                ('waiting_until', models.DateField(blank=True, null=True)),
                ('output_at_risk', models.FloatField(blank=True, null=True)),
                ('state_since', models.DateTimeField()),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('outcome', models.CharField(blank=True, default='', max_length=24)),
                ('words', models.GeneratedField(db_persist=True, expression=django.db.models.functions.text.Lower(django.db.models.functions.text.Concat('number', models.Value(' '), 'blocked')), output_field=models.TextField())),
                ('client_token', models.CharField(blank=True, default='', max_length=64)),
                ('department', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='led_cases', to='desks.department')),
                ('enterprise', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='cases', to='registry.enterprise')),
                ('escalated_to', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='reference.region')),
                ('event', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='cases', to='registry.event')),
                ('filed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('group', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='cases', to='desks.workinggroup')),
                ('home', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='reference.region')),
                ('lead_region', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='led_cases', to='reference.region')),
                ('offered_department', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='desks.department')),
                ('offered_to', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='reference.region')),
                ('owner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='owned_cases', to=settings.AUTH_USER_MODEL)),
                ('place', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='reference.region')),
                ('product', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to='reference.product')),
                ('site', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='cases', to='registry.site')),
            ],
            options={
                'ordering': ['-filed_at'],
            },
        ),
        migrations.CreateModel(
            name='CaseEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('actor_name', models.CharField(max_length=150)),
                ('side', models.CharField(blank=True, choices=[('desk', 'Desk'), ('enterprise', 'Enterprise')], default='', max_length=10)),
                ('actor_unit', models.CharField(blank=True, default='', max_length=200)),
                ('type', models.CharField(choices=[('move', 'Move'), ('reply', 'Reply'), ('note', 'Internal note')], max_length=8)),
                ('move', models.CharField(blank=True, default='', max_length=20)),
                ('state_before', models.CharField(blank=True, default='', max_length=20)),
                ('state_after', models.CharField(blank=True, default='', max_length=20)),
                ('text', models.TextField(blank=True, default='')),
                ('facts', models.JSONField(blank=True, default=dict)),
                ('outcome', models.CharField(blank=True, default='', max_length=24)),
                ('actor', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='entries', to='cases.case')),
                ('desk', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='reference.region')),
                ('lead', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='reference.region')),
                ('toward', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='reference.region')),
                ('toward_department', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='desks.department')),
                ('toward_group', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='desks.workinggroup')),
            ],
            options={
                'ordering': ['at', 'id'],
            },
        ),
        migrations.CreateModel(
            name='Attachment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=200)),
                ('content_type', models.CharField(max_length=100)),
                ('size', models.PositiveIntegerField()),
                ('content', models.BinaryField()),
                ('added_at', models.DateTimeField()),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='attachments', to='cases.case')),
                ('entry', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='files', to='cases.caseentry')),
            ],
        ),
        migrations.CreateModel(
            name='ClockPolicy',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('pack', models.CharField(max_length=20)),
                ('version', models.CharField(max_length=40)),
                ('since', models.DateTimeField()),
                ('running', models.BooleanField(default=True)),
                ('rules', models.TextField()),
                ('loaded_at', models.DateTimeField()),
            ],
            options={
                'ordering': ['pack', 'since', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('pack', 'version'), name='cases_policy_version')],
            },
        ),
        migrations.CreateModel(
            name='Escalation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('hours', models.FloatField()),
                ('to', models.CharField(choices=[('owner', 'Owner, or the desk where there is none'), ('desk', 'Desk that leads'), ('superior', 'Desk of the region above'), ('leader', 'Leaders of the region')], max_length=10)),
                ('due_at', models.DateTimeField()),
                ('at', models.DateTimeField()),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='escalations', to='cases.case')),
            ],
            options={
                'ordering': ['at', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='Extension',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('clock', models.CharField(choices=[('resolution', 'Solution'), ('part', 'Part of the desk')], max_length=10)),
                ('days', models.PositiveSmallIntegerField()),
                ('reason', models.TextField()),
                ('asked_at', models.DateTimeField()),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
                ('granted', models.BooleanField(blank=True, null=True)),
                ('asked_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='extensions', to='cases.case')),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('desk', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='reference.region')),
            ],
            options={
                'ordering': ['asked_at', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='Merge',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state_since', models.DateTimeField()),
                ('event_counted', models.BooleanField()),
                ('case', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='merge', to='cases.case')),
                ('into', models.ForeignKey(on_delete=django.db.models.deletion.RESTRICT, related_name='merges', to='cases.case')),
                ('line', models.OneToOneField(on_delete=django.db.models.deletion.RESTRICT, related_name='+', to='cases.caseentry')),
                ('line_there', models.OneToOneField(on_delete=django.db.models.deletion.RESTRICT, related_name='+', to='cases.caseentry')),
                ('offered_department', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='desks.department')),
                ('offered_to', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='reference.region')),
            ],
        ),
        migrations.CreateModel(
            name='ReplyText',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(blank=True, default='', max_length=20)),
                ('language', models.CharField(max_length=10)),
                ('title', models.CharField(max_length=100)),
                ('text', models.TextField()),
                ('changed_at', models.DateTimeField(auto_now=True)),
                ('changed_by', models.CharField(max_length=150)),
            ],
            options={
                'ordering': ['language', 'title', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('kind', 'language', 'title'), name='cases_reply_text_title')],
            },
        ),
        migrations.CreateModel(
            name='Tick',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('item', models.CharField(max_length=20)),
                ('at', models.DateTimeField()),
                ('by_name', models.CharField(max_length=150)),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='ticks', to='cases.case')),
            ],
        ),
        migrations.AddIndex(
            model_name='case',
            index=models.Index(fields=['state', '-output_at_risk', 'due_at', 'number', 'home', 'lead_region', 'offered_to', 'owner', 'event'], name='cases_of_a_desk'),
        ),
        migrations.AddIndex(
            model_name='case',
            index=models.Index(fields=['filed_at'], name='cases_case_filed_a_67c813_idx'),
        ),
        migrations.AddIndex(
            model_name='case',
            index=models.Index(fields=['enterprise', 'state'], name='cases_case_enterpr_c66f87_idx'),
        ),
        migrations.AddIndex(
            model_name='case',
            index=models.Index(fields=['lead_region', 'state'], name='cases_case_lead_re_56b9e8_idx'),
        ),
        migrations.AddConstraint(
            model_name='case',
            constraint=models.UniqueConstraint(condition=models.Q(('client_token', ''), _negated=True), fields=('filed_by', 'client_token'), name='cases_filed_once'),
        ),
        migrations.AddIndex(
            model_name='caseentry',
            index=models.Index(fields=['case', 'type', 'state_after', 'state_before', 'side', 'at'], name='cases_log_told'),
        ),
        migrations.AddIndex(
            model_name='caseentry',
            index=models.Index(fields=['state_after', 'type', 'state_before', 'case'], name='cases_log_by_state'),
        ),
        migrations.AddConstraint(
            model_name='escalation',
            constraint=models.UniqueConstraint(fields=('case', 'hours', 'to', 'due_at'), name='cases_escalated_once'),
        ),
        migrations.AddConstraint(
            model_name='extension',
            constraint=models.UniqueConstraint(condition=models.Q(('granted__isnull', True)), fields=('case', 'clock'), name='cases_extension_open'),
        ),
        migrations.AddConstraint(
            model_name='tick',
            constraint=models.UniqueConstraint(fields=('case', 'item'), name='cases_ticked_once'),
        ),
    ]
