"""Answers on input-output tables of countries and sectors, one or several years."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

import numpy as np
import polars as pl

from ballast.core.columns import Bools, Floats, Ints, NetworkError
from ballast.core.dependence import (
    Bounds,
    Concentration,
    CountryTable,
    TableDependence,
    concentration,
    import_measures,
    table_dependence,
)
from ballast.tables.answers.concentrations import concentration_frame, floats, names_at
from ballast.tables.answers.indicators import Case, indicator_rows
from ballast.tables.packs import Pack
from ballast.tables.results import result_frame

__all__ = ["world_frames", "world_summary"]

Homes: TypeAlias = Mapping[str, Iterable[str]]  # name of a home -> its countries
Members: TypeAlias = Mapping[str, Bools]  # name of a home -> [countries] which belong to it


def world_frames(
    tables: Mapping[int | None, CountryTable], homes: Homes, packs: Sequence[Pack]
) -> dict[str, pl.DataFrame]:
    """All result tables; `homes` without an entry makes each country its own home.

    NetworkError for a home of which no country is in the tables.
    """
    dependence, sourcing = [], []
    measures: dict[Case, dict[int | None, Mapping[str, Bounds]]] = {}
    for year, table in tables.items():
        chosen = _homes(table, homes)
        found = table_dependence(table, home=_labels(table, homes))
        dependence.append(_dependence(table, found, chosen, year))
        sourcing += [_inputs(table, found, chosen, year), _supply(table, year)]
        _measures(table, found, chosen, year, measures)
    return {
        "concentration": pl.concat(sourcing),
        "dependence": pl.concat(dependence),
        "choke_points": result_frame("choke_points", []),
        "indicators": result_frame("indicators", indicator_rows(measures, packs)),
    }


def world_summary(tables: Mapping[int | None, CountryTable]) -> dict[str, object]:
    """What the answer rests on, by year."""
    return {
        "country_sectors": {str(year or ""): int(table.country.size) for year, table in tables.items()},
        "without_output": {str(year or ""): int((table.output == 0.0).sum()) for year, table in tables.items()},
    }


def _homes(table: CountryTable, homes: Homes) -> Members:
    if not homes:
        return {name: np.array([name == other for other in table.countries]) for name in table.countries}
    chosen = {name: np.isin(np.array(table.countries), list(codes)) for name, codes in homes.items()}
    for name, member in chosen.items():
        if not member.any():
            msg = f"--home: {name} is not in the table. It holds {', '.join(table.countries)}."
            raise NetworkError(msg)
    return chosen


def _labels(table: CountryTable, homes: Homes) -> Ints | None:
    if not homes:
        return None
    labels = np.arange(len(table.countries), dtype=np.int32) + len(homes)
    for number, member in enumerate(_homes(table, homes).values()):
        labels[member] = number
    return labels


def _dependence(table: CountryTable, found: TableDependence, homes: Members, year: int | None) -> pl.DataFrame:
    parts, names = [], np.array(table.names, dtype=object)
    for home, member in homes.items():
        mine = np.flatnonzero(member[table.country])
        away = np.where(
            (member | _many(table))[:, None], -1.0, np.nan_to_num(found.through_by_source[:, mine], nan=-1.0)
        )
        largest = np.where(away.max(axis=0) > 0.0, away.argmax(axis=0), -1)
        at = (np.maximum(largest, 0), mine)
        columns = {
            "subject": names[mine].tolist(),
            "product": [None] * mine.size,
            "home": [home] * mine.size,
            "year": [year] * mine.size,
            "face_low": floats(found.face[mine]),
            "face_high": floats(found.face[mine]),
            "through_low": floats(found.through[mine]),
            "through_high": floats(found.through[mine]),
            "foreign_value_added": floats(found.value_added[mine]),
            "largest_foreign": names_at(table.countries, largest),
            "largest_foreign_face": floats(np.where(largest < 0, np.nan, found.face_by_source[at])),
            "largest_foreign_through": floats(np.where(largest < 0, np.nan, found.through_by_source[at])),
            "choke_sites": [None] * mine.size,
        }
        parts.append(result_frame("dependence", columns))
    return pl.concat(parts)


def _inputs(table: CountryTable, found: TableDependence, homes: Members, year: int | None) -> pl.DataFrame:
    """Where the inputs of each sector of the homes come from, at face value."""
    member = np.any(list(homes.values()), axis=0)
    mine = np.flatnonzero(member[table.country])
    shares = np.nan_to_num(found.face_by_source[:, mine])
    result = _concentration(shares, table)
    names = pl.Series([table.names[j] for j in mine])
    return concentration_frame(result, table.countries, subject=names, product=None, by="country", year=year)


def _supply(table: CountryTable, year: int | None) -> pl.DataFrame:
    """Who makes the product of each sector in the world."""
    made = np.zeros((len(table.countries), len(table.sectors)))
    np.add.at(made, (table.country, table.sector), table.output)
    products = pl.Series(list(table.sectors))
    return concentration_frame(
        _concentration(made, table), table.countries, subject=None, product=products, by="country", year=year
    )


def _concentration(amounts: Floats, table: CountryTable) -> Concentration:
    """Of each column of `amounts` [countries, subjects]."""
    many = _many(table)
    source, subject = np.nonzero((amounts > 0.0) & ~many[:, None])
    return concentration(
        subject,
        source,
        amounts[source, subject],
        subjects=amounts.shape[1],
        sources=len(table.countries),
        open_=amounts[many].sum(axis=0),
        outsiders=True,
    )


def _many(table: CountryTable) -> Bools:
    """[countries] those that stand for many: the rest of the world is one row and no one source."""
    return np.array([name == "ROW" for name in table.countries], dtype=bool)


def _measures(
    table: CountryTable,
    found: TableDependence,
    homes: Members,
    year: int | None,
    measures: dict[Case, dict[int | None, Mapping[str, Bounds]]],
) -> None:
    """Add what indicator packs test: trade in each product, and the inputs of each sector looked through."""
    many = _many(table)
    for number, sector in enumerate(table.sectors):
        flows = table.flows(number)
        for home, member in homes.items():
            measured = import_measures(flows, member, many=many)
            mine = np.flatnonzero(member[table.country] & (table.sector == number))
            if mine.size == 1 and np.isfinite(found.through[mine[0]]):
                measured["foreign_through"] = (float(found.through[mine[0]]),) * 2
            measures.setdefault((home, sector), {})[year] = measured
