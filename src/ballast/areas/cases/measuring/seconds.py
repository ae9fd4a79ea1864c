"""Instants as whole seconds since 1970, told by the database."""

from typing import TYPE_CHECKING, Any

from django.db.models import Field, Func

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper
    from django.db.models.expressions import Combinable
    from django.db.models.sql.compiler import SQLCompiler

__all__ = ["seconds"]

# A column that is taken as it comes: half of the time of a large answer would go into reading its numbers again.
_UNREAD: Field[Any, Any] = Field()
_Sql = tuple[str, tuple[str | int, ...]]


class _Seconds(Func):
    """An instant as whole seconds since 1970, told by the database: a tenth of the work of reading instants."""

    output_field = _UNREAD

    def as_sqlite(self, compiler: "SQLCompiler", connection: "BaseDatabaseWrapper") -> _Sql:  # type: ignore[override]
        return self.as_sql(compiler, connection, template="CAST(strftime('%%%%s', %(expressions)s) AS INTEGER)")

    def as_postgresql(self, compiler: "SQLCompiler", connection: "BaseDatabaseWrapper") -> _Sql:
        return self.as_sql(compiler, connection, template="FLOOR(EXTRACT(EPOCH FROM %(expressions)s))::bigint")


def seconds(field: "str | Combinable") -> Func:
    """The instants of a field or an expression as whole seconds since 1970, as the database has them."""
    return _Seconds(field)
