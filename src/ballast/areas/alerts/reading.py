"""Read inputs and their lamps for judgement: columns of hundreds of thousands, and of these only what can turn."""

import datetime as dt
from collections.abc import Collection
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Value
from numpy.typing import NDArray

from ballast.areas.alerts.judging import MISSING, NO_LAMP, UNKNOWN, Inputs
from ballast.areas.alerts.models import Lamp, Level
from ballast.areas.alerts.rules import SEVERITY, Rule
from ballast.areas.bulk import Stored, raw_columns
from ballast.areas.registry.models import Need

__all__ = ["NO_KEY", "Chosen", "Figures", "known", "read_inputs"]

_FIGURES = ("stock", "blocked_stock", "daily_use")
# Of an input without a lamp.
NO_KEY = 0
_WHY = {word: place for place, word in enumerate(MISSING)}
# Columns that are read, each with its kind.
_KINDS: dict[str, Any] = {
    "need": np.int64, "enterprise": np.int64, "stock": float, "blocked": float, "use": float, "at": object,
    "seconds": np.int64, "lamp": np.int64, "severity": np.int8, "held": object, "cover": float, "missing": object,
    "changed": np.bool_, "newer": np.bool_, "moved": np.bool_, "counts": object,
}  # fmt: skip


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
    """Whole seconds since 1970 of an instant, UNKNOWN without one: many times quicker to read than the instant."""

    output_field = models.BigIntegerField()
    template = f"COALESCE(FLOOR(EXTRACT(EPOCH FROM %(expressions)s))::bigint, {UNKNOWN})"

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, Any]:  # noqa: ANN401
        """The same where instants are kept as text."""
        return self.as_sql(
            compiler,
            connection,
            template=f"COALESCE(CAST(STRFTIME('%%%%s', %(expressions)s) AS INTEGER), {UNKNOWN})",
            **context,
        )


class Figures(NamedTuple):
    """What is reported of one input; the instant as the database has it."""

    stock: float | None
    blocked_stock: float
    daily_use: float
    reported_at: Any


class Chosen(NamedTuple):
    """Inputs to be judged: columns [n] of keys and instants beside those that the rule is applied to.

    `reported_at` is as the database has it. `lamps` are primary keys, NO_KEY without a lamp; `cover` and `missing` (a
    place in MISSING) are those of the lamp. `newer` says that its report is another than the lamp's, `moved` that the
    site is another enterprise's.
    """

    needs: NDArray[np.int64]
    enterprises: NDArray[np.int64]
    reported_at: NDArray[np.object_]
    lamps: NDArray[np.int64]
    inputs: Inputs
    cover: NDArray[np.float64]
    missing: NDArray[np.int8]
    newer: NDArray[np.bool_]
    moved: NDArray[np.bool_]

    def figures(self, places: NDArray[np.intp]) -> list[Figures]:
        """What is reported of the inputs at these places."""
        given = self.inputs
        columns = (column[places].tolist() for column in (given.blocked, given.use, self.reported_at))
        rows = zip(known(given.stock[places]), *columns, strict=True)
        return [Figures(*row) for row in rows]


def known(values: NDArray[np.float64]) -> list[float | None]:
    """Plain numbers, None for what is not known."""
    return [None if value != value else value for value in values.tolist()]


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
    lit, unlit = raw_columns(_lit(lamps, rule), _KINDS), raw_columns(_unlit(bare), _KINDS)
    found = {name: np.concatenate([lit[name], unlit[name]]) for name in _KINDS}
    # By need, so that whoever writes them meets another writer in the same order.
    order = np.argsort(found["need"], kind="stable")
    return _chosen({name: column[order] for name, column in found.items()})


def _chosen(found: dict[str, NDArray[Any]]) -> Chosen:
    inputs = Inputs(
        stock=found["stock"],
        blocked=found["blocked"],
        use=found["use"],
        reported=found["seconds"],
        level=found["severity"],
        held=np.array([SEVERITY.get(one, NO_LAMP) for one in found["held"].tolist()], np.int8),
        changed=found["changed"],
        counts=[bytes(one) for one in found["counts"].tolist()],
    )
    missing = np.array([_WHY[one] for one in found["missing"].tolist()], np.int8)
    keys = found["need"], found["enterprise"], found["at"], found["lamp"]
    return Chosen(*keys, inputs, found["cover"], missing, found["newer"], found["moved"])


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
        Seconds("reported_at"), Value(NO_KEY), Value(NO_LAMP), Value(""), unknown,
        Value(""), Value(True), Value(True), Value(False), Value(b"", output_field=models.BinaryField()),
    )  # fmt: skip
