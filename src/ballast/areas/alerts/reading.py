"""Read inputs and their lamps for judgement: columns of hundreds of thousands, and of these only what can turn."""

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Value
from numpy.typing import NDArray

from ballast.areas.alerts.judging import NO_LAMP, UNKNOWN, Inputs
from ballast.areas.alerts.models import Lamp, Level
from ballast.areas.alerts.rules import SEVERITY, Rule
from ballast.areas.bulk import raw_rows
from ballast.areas.registry.models import Need

__all__ = ["Chosen", "Figures", "read_inputs"]

_FIGURES = ("stock", "blocked_stock", "daily_use")
_COLUMNS = 16


@models.FloatField.register_lookup
@models.DateTimeField.register_lookup
class Differs(models.Lookup[Any]):
    """`field__differs=F("other")`: another value, or one of the two is unknown."""

    lookup_name = "differs"

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[str | int, ...]]:  # noqa: ANN401
        """The comparison that takes two unknown values for the same."""
        left, left_given = self.process_lhs(compiler, connection)
        right, right_given = self.process_rhs(compiler, connection)
        word = "IS NOT" if connection.vendor == "sqlite" else "IS DISTINCT FROM"
        return f"{left} {word} {right}", (*left_given, *right_given)


class Seconds(models.Func):
    """Whole seconds since 1970 of an instant: many times quicker to read than the instant."""

    output_field = models.BigIntegerField()
    template = "FLOOR(EXTRACT(EPOCH FROM %(expressions)s))::bigint"

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, Any]:  # noqa: ANN401
        """The same where instants are kept as text."""
        return self.as_sql(
            compiler, connection, template="CAST(STRFTIME('%%%%s', %(expressions)s) AS INTEGER)", **context
        )


class Stored(models.Func):
    """An instant as it is kept: SQLite's text is neither parsed here nor made again when it is written."""

    output_field = models.DateTimeField()
    template = "%(expressions)s"

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, Any]:  # noqa: ANN401
        """The text, without the type by which it would be parsed."""
        return self.as_sql(compiler, connection, template="CAST(%(expressions)s AS TEXT)", **context)


class Figures(NamedTuple):
    """What is reported of one input; the instant as the database has it."""

    stock: float | None
    blocked_stock: float
    daily_use: float
    reported_at: Any


class Chosen(NamedTuple):
    """Inputs to be judged: rows [n] of keys and figures beside the columns that the rule is applied to.

    `lamps` are primary keys, None without a lamp; `cover` and `missing` are those of the lamp. `newer` says that its
    report is another than the lamp's, `moved` that the site is another enterprise's.
    """

    needs: Sequence[int]
    enterprises: Sequence[int]
    figures: list[Figures]
    lamps: Sequence[int | None]
    inputs: Inputs
    cover: NDArray[np.float64]
    missing: Sequence[str]
    newer: NDArray[np.bool_]
    moved: NDArray[np.bool_]


def read_inputs(rule: Rule, needs: Collection[int] | None, today: dt.date, zone: ZoneInfo) -> Chosen:
    """The inputs of the needs; with None of all whose lamp can be another than it is.

    That are those without a lamp, with other figures, another report, rule or enterprise than their lamp's, with a
    report that grew too old, and under a rule that counts those that were reported today.
    """
    lamps, bare = Lamp.objects.order_by(), Need.objects.order_by()
    if needs is None:
        lamps = lamps.filter(_can_turn(rule, today, zone))
    else:
        lamps, bare = lamps.filter(need__pk__among=needs), bare.filter(pk__among=needs)
    rows = raw_rows(_lit(lamps, rule)) + raw_rows(_unlit(bare))
    # By need, so that whoever writes them meets another writer in the same order.
    rows.sort(key=lambda row: row[0])
    return _columns(rows)


def _columns(rows: list[tuple[Any, ...]]) -> Chosen:
    found: list[Sequence[Any]] = list(zip(*rows, strict=True)) or [()] * _COLUMNS
    need, enterprise, stock, blocked, use, at, seconds, lamp, severity, held, cover, missing = found[:12]
    other, newer, moved, counts = found[12:]
    inputs = Inputs(
        stock=np.array(stock, float),
        blocked=np.array(blocked, float),
        use=np.array(use, float),
        reported=np.array([UNKNOWN if one is None else one for one in seconds], np.int64),
        level=np.array(severity, np.int8),
        held=np.array([SEVERITY.get(one, NO_LAMP) for one in held], np.int8),
        changed=np.array(other, np.bool_),
        counts=[bytes(one) for one in counts],
    )
    figures = [Figures(*row) for row in zip(stock, blocked, use, at, strict=True)]
    news = np.array(newer, np.bool_), np.array(moved, np.bool_)
    return Chosen(need, enterprise, figures, lamp, inputs, np.array(cover, float), missing, *news)


def _other_figures(rule: Rule) -> Q:
    found = ~Q(rule=rule.label)
    for name in _FIGURES:
        found |= Q(**{f"{name}__differs": F(f"need__{name}")})
    return found


def _can_turn(rule: Rule, today: dt.date, zone: ZoneInfo) -> Q:
    def midnight(day: dt.date) -> dt.datetime:
        return dt.datetime.combine(day, dt.time(), zone)

    boundary = midnight(today - dt.timedelta(days=rule.stale_after_days))
    found = _other_figures(rule) | Q(reported_at__differs=F("need__reported_at"))
    found |= ~Q(enterprise=F("need__site__enterprise"))
    found |= Q(missing="", need__reported_at__lt=boundary) & ~Q(level=Level.NOT_IN_USE)
    found |= Q(missing="stale", need__reported_at__gte=boundary)
    if rule.core.counts:
        found |= Q(need__reported_at__gte=midnight(today))
    return found


def _lit(lamps: QuerySet[Lamp], rule: Rule) -> QuerySet[Lamp, Any]:
    newer = Q(reported_at__differs=F("need__reported_at"))
    moved = ~Q(enterprise=F("need__site__enterprise"))
    return lamps.values_list(
        "need_id", "need__site__enterprise_id", "need__stock", "need__blocked_stock", "need__daily_use",
        Stored("need__reported_at"), Seconds("need__reported_at"), "pk", "severity", "held", "cover_days", "missing",
        models.ExpressionWrapper(_other_figures(rule), models.BooleanField()),
        models.ExpressionWrapper(newer, models.BooleanField()), models.ExpressionWrapper(moved, models.BooleanField()),
        "counts",
    )  # fmt: skip


def _unlit(needs: QuerySet[Need]) -> QuerySet[Need, Any]:
    unknown = Value(None, output_field=models.FloatField())
    return needs.filter(~Exists(Lamp.objects.filter(need=OuterRef("pk")))).values_list(
        "pk", "site__enterprise_id", "stock", "blocked_stock", "daily_use", Stored("reported_at"),
        Seconds("reported_at"), Value(None, output_field=models.BigIntegerField()), Value(NO_LAMP), Value(""), unknown,
        Value(""), Value(True), Value(True), Value(False), Value(b"", output_field=models.BinaryField()),
    )  # fmt: skip
