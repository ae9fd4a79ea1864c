"""Write many rows at once: inserted, or overwritten where one with the same key stands."""

import datetime as dt
import functools
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

import numpy as np
from django.core.exceptions import EmptyResultSet
from django.db import connection, models, transaction
from numpy.typing import DTypeLike, NDArray

__all__ = ["Stored", "analyze", "instant", "raw_columns", "raw_rows", "set_columns", "set_fields", "upsert"]

_BATCH = 5_000
# Rows that go to PostgreSQL as arrays in one statement.
_ARRAY = 50_000
# Different instants that are remembered as the database has them.
_INSTANTS = 4_096
# Rows that are taken over into arrays at once: more of them would not stay in the processor's memory.
_PIECE = 10_000


@models.AutoField.register_lookup
@models.BigAutoField.register_lookup
class Among(models.Lookup[Any]):
    """`pk__among=[...]`: one of many keys, which go to the database as one value.

    `in` makes a place in the statement for each: to prepare 500 of them costs more than to find their rows.
    """

    lookup_name = "among"
    prepare_rhs = False

    def get_db_prep_lookup(self, value: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:  # noqa: ANN401
        """The keys as an array, or as text where there are none."""
        keys = [int(key) for key in value]
        return "%s", (keys if connection.vendor == "postgresql" else json.dumps(keys),)

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[str | int, ...]]:  # noqa: ANN401
        """The comparison with the array, or with what SQLite reads from the text."""
        left, left_given = self.process_lhs(compiler, connection)
        right, right_given = self.process_rhs(compiler, connection)
        if connection.vendor == "postgresql":
            form = f"= ANY({right}::bigint[])"
        else:
            form = f"IN (SELECT value FROM json_each({right}))"  # noqa: S608
        return f"{left} {form}", (*left_given, *right_given)


class Stored(models.Func):
    """An instant as it is kept: SQLite's text is neither parsed here nor made again when it is written."""

    output_field = models.DateTimeField()
    template = "%(expressions)s"

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, Any]:  # noqa: ANN401
        """The text, without the type by which it would be parsed."""
        return self.as_sql(compiler, connection, template="CAST(%(expressions)s AS TEXT)", **context)


def instant(found: Any) -> dt.datetime | None:  # noqa: ANN401
    """An instant as the database has it: text in UTC on SQLite."""
    return dt.datetime.fromisoformat(found).replace(tzinfo=dt.UTC) if isinstance(found, str) else found


def upsert(
    model: type[models.Model],
    key: Sequence[str],
    names: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    step: Callable[[int], None] = lambda _: None,
) -> None:
    """Write rows of values of the fields `names` (attribute names, such as site_id) in the present transaction.

    A row is found again by the fields `key`, on which a unique constraint must stand; without a key every row is
    new. Fields that are not
    named get the model's default in a new row and stay as they are in an old one. `step` is told the number
    of rows after each batch. `bulk_create` does the same and takes four times as long, nearly all of it in
    making the statement: 100,000 rows take about two seconds here.
    """
    statement, ready = _statement(model, key, names)
    source = iter(rows)
    with connection.cursor() as cursor:
        while batch := [ready(row) for row in islice(source, _BATCH)]:
            cursor.executemany(statement, batch)
            step(len(batch))


def _statement(
    model: type[models.Model], key: Sequence[str], names: Sequence[str]
) -> tuple[str, Callable[[Sequence[Any]], list[Any]]]:
    """The statement of one row, and what makes a row's values ready for it."""
    meta, quote = model._meta, connection.ops.quote_name
    fields = {f.attname: f for f in meta.concrete_fields}
    keys = [str(f.column) for f in meta.concrete_fields if f.name in key]
    rest = [f for f in meta.concrete_fields if f.attname not in names and not f.primary_key and not f.generated]
    columns = [str(fields[n].column) for n in names]
    changed = ", ".join(f"{quote(c)} = EXCLUDED.{quote(c)}" for c in columns if c not in keys)
    listed = ", ".join(quote(c) for c in (*columns, *(str(f.column) for f in rest)))
    marks = ", ".join(["%s"] * (len(columns) + len(rest)))
    statement = f"INSERT INTO {quote(meta.db_table)} ({listed}) VALUES ({marks})"  # noqa: S608
    if keys:
        statement += f" ON CONFLICT ({', '.join(map(quote, keys))}) DO UPDATE SET {changed}"
    defaults = [f.get_db_prep_save(f.get_default(), connection) for f in rest]
    converted = [(at, found) for at, name in enumerate(names) if (found := _converted(fields[name]))]

    def ready(row: Sequence[Any]) -> list[Any]:
        values = [*row, *defaults]
        for at, kept in converted:
            values[at] = kept(row[at])
        return values

    return statement, ready


def _converted(field: models.Field[Any, Any]) -> Callable[[Any], Any] | None:
    """What makes a value of the field ready; None where the database has it as Python does."""
    convert = functools.partial(field.get_db_prep_save, connection=transaction.get_connection())
    if isinstance(field, (models.DateField, models.TimeField)):
        # A night's instants are few, and each takes longer than the rest of its row.
        return functools.lru_cache(_INSTANTS)(convert)
    return convert if isinstance(field, (models.JSONField, models.DecimalField)) else None


def set_fields(model: type[models.Model], names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Set the fields `names` of rows that are there; each row is its primary key, then the values.

    `bulk_update` does the same with one long CASE a field, and takes many times as long for thousands of rows.
    """
    meta, quote = model._meta, connection.ops.quote_name
    known = {f.name: f for f in meta.concrete_fields}
    fields = [known[name] for name in names]
    listed = ", ".join(f"{quote(str(field.column))} = %s" for field in fields)
    statement = f"UPDATE {quote(meta.db_table)} SET {listed} WHERE {quote(str(meta.pk.column))} = %s"  # noqa: S608
    source = iter(rows)
    with connection.cursor() as cursor:
        while batch := [
            [*(f.get_db_prep_save(v, connection) for f, v in zip(fields, values, strict=True)), key]
            for key, *values in islice(source, _BATCH)
        ]:
            cursor.executemany(statement, batch)


def raw_rows(rows: models.QuerySet[Any, tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Rows of `values_list` as the database gives them: instants are text on SQLite, and nothing is converted."""
    try:
        statement, given = rows.query.sql_with_params()
    except EmptyResultSet:
        return []
    with connection.cursor() as cursor:
        cursor.execute(statement, given)
        return list(cursor.fetchall())


def raw_columns(rows: models.QuerySet[Any, tuple[Any, ...]], kinds: Mapping[str, DTypeLike]) -> dict[str, NDArray[Any]]:
    """Columns [n] of `values_list` by the names of `kinds`, each as an array of its kind, of values as in `raw_rows`.

    Null is nan among reals; whole numbers and flags must not be null.
    """
    parts: list[list[NDArray[Any]]] = [[np.empty(0, kind) for kind in kinds.values()]]
    try:
        statement, given = rows.query.sql_with_params()
    except EmptyResultSet:
        return dict(zip(kinds, parts[0], strict=True))
    with connection.cursor() as cursor:
        cursor.execute(statement, given)
        while piece := cursor.fetchmany(_PIECE):
            columns = zip(zip(*piece, strict=True), kinds.values(), strict=True)
            parts.append([np.array(column, kind) for column, kind in columns])
    return {name: np.concatenate(column) for name, column in zip(kinds, zip(*parts, strict=True), strict=True)}


def set_columns(model: type[models.Model], keys: Sequence[int], columns: Mapping[str, Sequence[Any]]) -> None:
    """Set fields (attribute names) of the rows with the primary keys; values [n] as the database has them.

    No key may stand twice. On PostgreSQL the columns go as arrays in one statement, ten times as fast as row by row.
    """
    meta, quote = model._meta, connection.ops.quote_name
    fields = {f.attname: f for f in meta.concrete_fields}
    table, key = quote(meta.db_table), quote(str(meta.pk.column))
    names = [quote(str(fields[name].column)) for name in columns]
    with connection.cursor() as cursor:
        if connection.vendor != "postgresql":
            listed = ", ".join(f"{name} = %s" for name in names)
            statement = f"UPDATE {table} SET {listed} WHERE {key} = %s"  # noqa: S608
            cursor.executemany(statement, list(zip(*columns.values(), keys, strict=True)))
            return
        # Without the length: a cast to varchar(12) would cut a text off where it should refuse it.
        kinds = [str(fields[name].db_type(connection)).partition("(")[0] for name in columns]
        listed = ", ".join(f"{name} = given.{name}" for name in names)
        arrays = ", ".join(["%s::bigint[]", *(f"%s::{kind}[]" for kind in kinds)])
        given = f"unnest({arrays}) AS given ({', '.join(['given_key', *names])})"
        statement = f"UPDATE {table} SET {listed} FROM {given} WHERE {table}.{key} = given.given_key"  # noqa: S608
        for begin in range(0, len(keys), _ARRAY):
            part = slice(begin, begin + _ARRAY)
            cursor.execute(statement, [list(keys[part]), *(list(values[part]) for values in columns.values())])


def analyze() -> None:
    """Tell the database how its tables look after a bulk write; without it PostgreSQL plans as if they were empty.

    Outside a transaction PostgreSQL also marks the pages that everybody sees: counts are then read from an index alone.
    """
    vacuum = connection.vendor == "postgresql" and not connection.in_atomic_block
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)" if vacuum else "ANALYZE")
