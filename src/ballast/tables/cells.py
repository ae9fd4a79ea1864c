"""From a cell to its value: one expression a type, whole columns at a time."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

import polars as pl

from ballast.tables.problems import nearest
from ballast.tables.raw import NARROW, OPEN_FORMULA, WIDE, as_text
from ballast.tables.schema import Column, units

__all__ = ["FIRST_YEAR", "LAST_YEAR", "Parsed", "absent", "dates", "days", "details", "parse"]

_X = pl.col("x")
# [0-9] and not \d, which is every script's digits here, while a cast knows these ten only: the value would be lost.
_NUMBER = r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$"
_THOUSANDS = r"^[+-]?[0-9]{1,3}([,，'’\u{a0}\u{202f} ][0-9]{3})+(\.[0-9]+)?$"
_SEPARATORS = r"[,，'’\u{a0}\u{202f} ]"
_FORMULA_ERROR = r"^#(REF!|N/A|VALUE!|DIV/0!|NAME\?|NUM!|NULL!|SPILL!|CALC!|GETTING_DATA|FIELD!|BLOCKED!|UNKNOWN!)$"
_CONTROL = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"
_DATE = r"^([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})(?:[T ]0{1,2}:00(?::00(?:\.0+)?)?)?$"
_TIME = (
    r"^([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})"
    r"(?:[T ]([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,6})[0-9]*)?)?)?"
    r"\s*(?:Z|([+-])([0-9]{2}):?([0-9]{2}))?$"
)
_DAYS = r"^[+-]?[0-9]{1,5}$"
_PERIOD = r"^[0-9]{4}(-Q[1-4]|-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?$"
_PATTERNS = {
    "id": (r"^[^\x00-\x1f\x7f>;/*]+$", "bad_id"),
    "ref": (r"^[^\x00-\x1f\x7f>;/*]+$", "bad_id"),
    "product": (r"^[^\x00-\x1f\x7f>;/*]+$", "bad_id"),
    "region": (r"^([0-9]{6}|[A-Z]{2,3}|[A-Z]{2}-[A-Z0-9]{1,3})$", "bad_region"),
    "industry": (r"^[A-Z0-9][A-Z0-9._-]{0,15}$", "bad_industry"),
    "identifier": (r"^[0-9A-Z-]{1,32}$", "bad_identifier"),
    "period": (_PERIOD, "not_a_period"),
}
_TRUE = ["true", "yes", "1", "y", "t", "是", "真"]
_FALSE = ["false", "no", "0", "n", "f", "否", "假"]
_LARGEST_INT = 2_147_483_647
_REPEATED = {"date", "datetime", "day"}
_NUMBERS = {"int", "float", "share"}
# Kinds whose cells may have wide digits and signs.
_FOLDED = _NUMBERS | _REPEATED | {"bool", "period", "region"}
# Beyond it, sums and squares over a network are no numbers any more.
_LARGEST_FLOAT = 1e100
# Day numbers of 1990 to 2100 as spreadsheets keep dates.
_SERIAL_DATES = (32_874, 73_415)
FIRST_YEAR, LAST_YEAR = 1990, 2100

Checks = list[tuple[pl.Expr, str]]


@dataclass(frozen=True)
class Parsed:
    """Values in the column's type, null where the cell is empty or refused; which rows are refused, and why."""

    values: pl.Series
    wrong: pl.Series  # rows, ascending
    codes: pl.Series  # the code of each of them


def _number(_column: Column) -> tuple[pl.Expr, Checks]:
    value: pl.Expr = pl.when(_X.str.contains(_NUMBER)).then(_X.cast(pl.Float64, strict=False))
    return value, [
        (_X.str.contains(r"(?i)^[+-]?(nan|inf|infinity|#?num!?)$"), "not_finite"),
        (_X.str.contains(r"[%％]$"), "percent"),
        (_X.str.contains(_THOUSANDS), "thousands"),
        (~_X.str.contains(_NUMBER), "not_a_number"),
        (value.is_infinite(), "not_finite"),
    ]


def _range(column: Column, value: pl.Expr) -> Checks:
    """Whether a number is one that the column takes."""
    low, high, excluded = column.bounds
    checks: Checks = []
    if low == 0 and high is None:
        checks.append((value <= 0, "not_positive") if excluded else (value < 0, "negative"))
    else:
        checks += [(value < low, "out_of_range")] if low is not None else []
        checks += [(value > high, "out_of_range")] if high is not None else []
    if column.kind == "float":
        checks.append((value.abs() > _LARGEST_FLOAT, "number_too_large"))
    if column.kind == "int":
        checks += [(value != value.floor(), "not_whole"), (value.abs() > _LARGEST_INT, "out_of_range")]
    return checks


def _bool(_column: Column) -> tuple[pl.Expr, Checks]:
    folded = _X.str.to_lowercase()
    value = pl.when(folded.is_in(_TRUE)).then(pl.lit(value=True)).when(folded.is_in(_FALSE)).then(pl.lit(value=False))
    return value, [(value.is_null(), "not_a_bool")]


def _iso(pattern: str) -> pl.Expr:
    year, month, day = (_X.str.extract(pattern, i) for i in (1, 2, 3))
    return pl.concat_str(year, month.str.zfill(2), day.str.zfill(2), separator="-")


def _year_checks(pattern: str) -> Checks:
    year = _X.str.extract(pattern, 1).cast(pl.Int64, strict=False)
    return [
        (year.is_between(1899, 1904), "date_1900"),
        (~year.is_between(FIRST_YEAR, LAST_YEAR), "date_range"),
    ]


def _date(_column: Column) -> tuple[pl.Expr, Checks]:
    value = _iso(_DATE).str.to_date("%Y-%m-%d", strict=False)
    return value, [*_year_checks(_DATE), (value.is_null(), "not_a_date")]


def _datetime(_column: Column) -> tuple[pl.Expr, Checks]:
    day = _iso(_TIME).str.to_date("%Y-%m-%d", strict=False)

    def part(index: int) -> pl.Expr:
        return _X.str.extract(_TIME, index).cast(pl.Int64, strict=False).fill_null(0)

    hour, minute, second = part(4), part(5), part(6)
    fraction = _X.str.extract(_TIME, 7).str.pad_end(6, "0").cast(pl.Int64, strict=False).fill_null(0)
    sign = pl.when(_X.str.extract(_TIME, 8) == "-").then(-1).otherwise(1)
    offset = sign * (part(9) * 60 + part(10))
    stamp = day.cast(pl.Datetime("us")) + pl.duration(
        hours=hour, minutes=minute - offset, seconds=second, microseconds=fraction
    )
    wrong = (hour > 23) | (minute > 59) | (second > 59) | (offset.abs() > 14 * 60)
    value = pl.when(~wrong).then(stamp).dt.replace_time_zone("UTC")
    return value, [*_year_checks(_TIME), (value.is_null(), "not_a_time")]


def _day(_column: Column) -> tuple[pl.Expr, Checks]:
    whole = _X.str.contains(_DAYS)
    date = _iso(_DATE).str.to_date("%Y-%m-%d", strict=False)
    number = _X.str.strip_prefix("+").cast(pl.Int64, strict=False).cast(pl.String)
    value = pl.when(whole).then(number).otherwise(date.cast(pl.String))
    serial = whole & _X.cast(pl.Int64, strict=False).is_between(*_SERIAL_DATES)
    return value, [*_year_checks(_DATE), (serial, "date_serial"), (value.is_null(), "not_a_day")]


def _enum(column: Column) -> tuple[pl.Expr, Checks]:
    value = _X.str.to_lowercase()
    return value, [(~value.is_in(list(column.choices)), "not_a_choice")]


def _list(_column: Column) -> tuple[pl.Expr, Checks]:
    tidy = _X.str.replace_all("；", ";").str.replace_all(r"\s*;\s*", ";").str.strip_chars("; ")
    # A set of codes: the order in which they are written says nothing.
    value = pl.when(tidy != "").then(tidy.str.split(";").list.unique().list.sort().list.join(";"))
    item = r"[^\x00-\x1f\x7f>/*;]{1,32}"
    return value, [(~tidy.str.contains(f"^({item}(;{item})*)?$"), "bad_id")]


def _text(column: Column) -> tuple[pl.Expr, Checks]:
    checks: Checks = [(_X.str.contains(_CONTROL), "control_character")]
    if column.kind in _PATTERNS:
        pattern, code = _PATTERNS[column.kind]
        checks.append((~_X.str.contains(pattern), code))
    checks.append((_X.str.len_chars() > column.length, "too_long"))
    return _X, checks


_KINDS = {
    "int": _number, "float": _number, "share": _number, "bool": _bool, "date": _date,
    "datetime": _datetime, "day": _day, "enum": _enum, "list": _list,
}  # fmt: skip


def _as_they_are(column: Column, dtype: pl.DataType) -> bool:
    """Whether cells of this type need not be read as text."""
    if column.kind in _NUMBERS:
        # Figures of single precision mean what they are written as: 0.1 and not 0.10000000149.
        return dtype == pl.Float64 or dtype.is_integer()
    return column.kind == "bool" and dtype == pl.Boolean


def _rules(column: Column, own_units: Collection[str], *, typed: bool) -> tuple[pl.Expr, Checks]:
    """The value of a cell, and what is refused under which code; the first that applies is said."""
    if typed:
        value, checks = _X, [(~_X.cast(pl.Float64).is_finite(), "not_finite")] if column.kind in _NUMBERS else []
    else:
        value, checks = _KINDS.get(column.kind, _text)(column)
        unread = [
            (_X.str.contains(_FORMULA_ERROR), "formula_error"),
            (_X.str.starts_with(OPEN_FORMULA), "formula_open"),
        ]
        checks = [*unread, *checks]
    if column.kind in _NUMBERS:
        value = value.cast(pl.Float64)
        checks = [*checks, *_range(column, value)]
    if column.kind == "unit":
        checks = [*checks, (~_X.is_in([*units(), *own_units]), "unknown_unit")]
    checks = [(mask & _X.is_not_null(), code) for mask, code in checks]
    return value, [(_X.is_null(), "required"), *checks] if column.required else checks


def _folded(column: Column, cells: pl.Series) -> pl.Series:
    """The cells as text, with the wide digits and signs of figures and dates as plain ones."""
    text = as_text(cells)
    if column.kind in _FOLDED and text.str.contains(f"[{WIDE}]").any():
        text = text.str.replace_many(list(WIDE), list(NARROW))
    return text


def parse(column: Column, cells: pl.Series, *, own_units: Collection[str] = ()) -> Parsed:
    """The column's cells (null when empty) as values with defaults, and the code of each refused cell.

    Cells are text, or what a file that has types holds.
    """
    typed = _as_they_are(column, cells.dtype)
    value, checks = _rules(column, own_units, typed=typed)
    refused = pl.any_horizontal(pl.lit(value=False), *(mask for mask, _ in checks)).fill_null(value=False)
    code = pl.coalesce(pl.lit(None, pl.String), *(pl.when(mask).then(pl.lit(name)) for mask, name in checks))
    # Dates come many times over and are dear to parse, so each distinct cell is parsed once.
    rows = cells.unique() if column.kind in _REPEATED else cells
    frame = pl.DataFrame({"cell": rows, "x": rows if typed else _folded(column, rows)})
    frame = frame.with_columns(value.cast(column.dtype, strict=False).alias("value"), refused.alias("bad"))
    if column.kind in _REPEATED:
        frame = cells.to_frame("cell").join(frame, on="cell", how="left", nulls_equal=True, maintain_order="left")
    values, wrong = frame["value"], frame["bad"].arg_true()
    if wrong.is_empty():
        return Parsed(_filled(column, values, cells), wrong, pl.Series(dtype=pl.String))
    codes = frame.filter("bad").with_columns(code=code)["code"]
    return Parsed(_filled(column, values.scatter(wrong, None), cells), wrong, codes)


def absent(column: Column) -> pl.Expr:
    """The values of a column that is not in the file: one value, which takes no room for each row."""
    return pl.lit(column.default_value).cast(column.dtype).alias(column.name)


def _filled(column: Column, values: pl.Series, cells: pl.Series) -> pl.Series:
    """With the default where the cell is empty."""
    if column.default_value is not None and cells.null_count():
        frame = pl.DataFrame({"value": values, "cell": cells})
        default = pl.lit(column.default_value).cast(column.dtype)
        values = frame.select(pl.when(pl.col("cell").is_null()).then(default).otherwise("value")).to_series()
    return values.alias(column.name)


def details(column: Column, code: str, value: str, own_units: Collection[str] = ()) -> dict[str, object]:
    """What a message about one cell says beside the cell itself."""
    low, high, _ = column.bounds
    found: dict[str, object] = {"limit": column.length}
    if code == "out_of_range":
        found |= {"low": -_LARGEST_INT if low is None else low, "high": _LARGEST_INT if high is None else high}
    if code == "thousands":
        found["nearest"] = pl.Series([value]).str.replace_all(_SEPARATORS, "")[0]
    if code == "not_a_choice":
        found["choices"] = ", ".join(column.choices)
    if code == "unknown_unit":
        found["nearest"] = nearest(value, [*units(), *own_units])
    return found


def days(column: pl.Series, day0: dt.date) -> pl.Series:
    """A `day` column (ISO dates or whole numbers, as text) as whole days from the analysis date."""
    frame = column.alias("x").to_frame()
    date = _X.str.to_date("%Y-%m-%d", strict=False)
    since = (date - pl.lit(day0)).dt.total_days()
    number = _X.cast(pl.Int64, strict=False)
    return frame.select(pl.coalesce(number, since).cast(pl.Int64).alias(column.name)).to_series()


def dates(column: pl.Series, day0: dt.date) -> pl.Series:
    """A `day` column (ISO dates or whole numbers, as text) as dates."""
    frame = days(column, day0).alias("x").to_frame()
    return frame.select(pl.lit(day0).dt.offset_by(pl.format("{}d", _X)).alias(column.name)).to_series()
