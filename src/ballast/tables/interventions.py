"""The table of interventions that a plan may choose from: one file beside a folder, checked against its tables."""

import datetime as dt
import math
from collections.abc import Mapping
from pathlib import Path

import polars as pl

from ballast.core.plan import Intervention
from ballast.tables import rules
from ballast.tables.checks import ROW, Book
from ballast.tables.files import read_file
from ballast.tables.guards import RefusedError
from ballast.tables.network import event_day
from ballast.tables.problems import Problem
from ballast.tables.schema import table

__all__ = ["read_interventions"]

_NAME = "interventions"


def read_interventions(
    path: Path, frames: Mapping[str, pl.DataFrame], *, day0: dt.date
) -> tuple[list[Intervention], list[Problem]]:
    """The interventions of a CSV, XLSX or Parquet file, and all that is wrong with it.

    `frames` are the checked tables of the folder; quantities become days of the use that stands in needs.
    NetworkError for a day that is none.
    """
    book = Book(base=frames)
    try:
        raw = read_file(path, table(_NAME).names)
    except RefusedError as error:
        return [], [error.problem]
    book.add(_NAME, raw)
    rules.check(book, _NAME)
    if book.problems or _NAME not in book.frames:
        return [], book.problems
    needs = frames["needs"].select("site_id", "product", "daily_use").iter_rows()
    use = {(site, product): amount for site, product, amount in needs}
    return [_intervention(row, use, day0) for row in book.frames[_NAME].drop(ROW).to_dicts()], []


def _intervention(row: dict[str, object], use: Mapping[tuple[str, str], float], day0: dt.date) -> Intervention:
    name, site, product = (str(row[column]) for column in ("intervention_id", "site_id", "product"))
    daily = use.get((site, product)) or math.nan
    lead = 1.0 if row["lead_days"] is None else float(str(row["lead_days"]))
    return Intervention(
        intervention_id=name,
        site=site,
        product=product,
        stock=_days(row["stock"], daily),
        share=_days(row["daily_quantity"], daily),
        supplier=str(row["supplier_site"] or ""),
        lead=max(1, math.floor(lead + 0.5)),
        first_day=event_day(row["first_day"], day0, name) or 0,
        last_day=event_day(row["last_day"], day0, name),
    )


def _days(quantity: object, daily: float) -> float:
    """Days of use; where nothing is used it is not asked for, and the network has no such input."""
    return 0.0 if quantity is None else float(str(quantity)) / (1.0 if math.isnan(daily) else daily)
