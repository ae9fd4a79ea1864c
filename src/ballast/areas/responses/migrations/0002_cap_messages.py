"""CAP messages that desks issued about warnings, and those that they received."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('responses', '0001_warnings'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Issued',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('scope', models.CharField(max_length=140)),
                ('identifier', models.CharField(max_length=200)),
                ('sender', models.CharField(max_length=200)),
                ('sent', models.CharField(max_length=40)),
                ('status', models.CharField(max_length=10)),
                ('kind', models.CharField(max_length=10)),
                ('document', models.BinaryField()),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('warning', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='cap_messages', to='responses.warned')),
            ],
            options={
                'ordering': ['-pk'],
                'abstract': False,
                'constraints': [models.UniqueConstraint(fields=('identifier',), name='cap_identifier_once')],
            },
        ),
        migrations.CreateModel(
            name='Received',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('scope', models.CharField(max_length=140)),
                ('identifier', models.CharField(max_length=200)),
                ('sender', models.CharField(max_length=200)),
                ('sent', models.CharField(max_length=40)),
                ('status', models.CharField(max_length=10)),
                ('kind', models.CharField(max_length=10)),
                ('document', models.BinaryField()),
                ('at', models.DateTimeField()),
                ('chain', models.CharField(max_length=500)),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('replaced_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='replaces', to='responses.received')),
            ],
            options={
                'ordering': ['-pk'],
                'abstract': False,
                'constraints': [models.UniqueConstraint(fields=('scope', 'sender', 'identifier', 'sent'), name='cap_received_once')],
            },
        ),
    ]
