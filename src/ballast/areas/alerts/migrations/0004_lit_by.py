"""Lamps keep what they were lit by in columns, and what a rule counted as one packed record: both were JSON."""

import datetime as dt
import struct
from itertools import islice
from typing import Any

from django.db import migrations, models

_AT_ONCE = 5_000
_NAMES = ("rule", "stock", "blocked_stock", "daily_use", "reported_at", "missing", "packed")


def fill(apps: Any, schema_editor: Any) -> None:
    """Copy what stands in JSON to the columns."""
    lamp, connection = apps.get_model("alerts", "Lamp"), schema_editor.connection
    rows = lamp.objects.order_by("pk").values_list("pk", "reason", "counts").iterator(chunk_size=_AT_ONCE)
    quote = connection.ops.quote_name
    listed = ", ".join(f"{quote(name)} = %s" for name in _NAMES)
    statement = f"UPDATE {quote(lamp._meta.db_table)} SET {listed} WHERE {quote('id')} = %s"
    fields = [lamp._meta.get_field(name) for name in _NAMES]
    # All are read before the first is written: SQLite reads no rows that move under it.
    ready = [(pk, *lit_by(reason), packed(counts)) for pk, reason, counts in rows]
    source = iter(ready)
    with connection.cursor() as cursor:
        while part := list(islice(source, _AT_ONCE)):
            cursor.executemany(
                statement,
                [
                    [*(f.get_db_prep_save(v, connection) for f, v in zip(fields, values, strict=True)), pk]
                    for pk, *values in part
                ],
            )


def lit_by(reason: dict[str, Any]) -> tuple[Any, ...]:
    """The columns of a reason; {} stands for one that says nothing."""
    at = reason.get("reported_at")
    figures = reason.get("stock"), reason.get("blocked_stock") or 0.0, reason.get("daily_use") or 0.0
    return reason.get("rule", ""), *figures, dt.datetime.fromisoformat(at) if at else None, reason.get("missing", "")


def packed(counts: dict[str, Any]) -> bytes:
    """The day, where the lamp stood at the end of the day before it, and where it stands, as one record."""
    if not counts:
        return b""
    day = dt.date.fromisoformat(counts["day"]).toordinal()
    return struct.pack("<i", day) + b"".join(_record(counts[name] or counts["row"]) for name in ("closed", "row"))


def _record(row: dict[str, Any]) -> bytes:
    small = [int(row[name]) for name in ("kind", "level", "pending", "rank", "reason", "flapping")]
    value = float("nan") if row["value"] is None else row["value"]
    days = [row[name] for name in ("missing", "kind_since", "level_since")]
    counts = [*row["up"], *row["down"], *days]
    return struct.pack(f"<6b{len(counts)}id2i", *small, *counts, value, row["value_on"], row["changes"])


def _column(name: str, field: "models.Field[Any, Any]") -> migrations.AddField:
    return migrations.AddField("lamp", name, field)


class Migration(migrations.Migration):
    # PostgreSQL alters no table in the transaction that has just written its rows.
    atomic = False
    dependencies = [("alerts", "0003_rulebook")]
    operations = [
        _column("rule", models.CharField(blank=True, default="", editable=False, max_length=64)),
        _column("stock", models.FloatField(editable=False, null=True)),
        _column("blocked_stock", models.FloatField(default=0, editable=False)),
        _column("daily_use", models.FloatField(default=0, editable=False)),
        _column("reported_at", models.DateTimeField(editable=False, null=True)),
        _column("missing", models.CharField(blank=True, default="", editable=False, max_length=8)),
        _column("packed", models.BinaryField(default=b"", editable=False)),
        migrations.RunPython(fill, migrations.RunPython.noop, atomic=True),
        migrations.RemoveField("lamp", "reason"),
        migrations.RemoveField("lamp", "counts"),
        migrations.RenameField("lamp", "packed", "counts"),
    ]
