"""Input-output tables of countries and sectors: the World Input-Output Database, and the test table of pymrio.

World Input-Output Database (Timmer et al. 2015): X_YEAR.csv (idx, country, sector, output_musd), Z_YEAR.csv.gz
(from, to, musd) and F_YEAR.csv.gz (final demand, columns COUNTRY.category). pymrio: trade_flows_Z.tsv,
finald_demand_Y.tsv and factor_input.tsv, as the package ships them for its tests.
"""

import re
from pathlib import Path

import numpy as np
import polars as pl

from ballast.core.columns import Floats, Ints, NetworkError
from ballast.core.dependence import CountryTable, country_table
from ballast.tables.economies import country_code
from ballast.tables.importers.files import columns_of, figures, lines_of

__all__ = ["read_mrio", "read_world", "years_of"]


def years_of(folder: Path) -> list[int]:
    """The years of the world tables in a folder, ascending."""
    found = (re.fullmatch(r"X_(\d{4})\.csv", path.name) for path in folder.glob("X_*.csv"))
    return sorted(int(match[1]) for match in found if match)


def read_world(folder: Path, year: int) -> CountryTable:
    """The world table of one year, million US dollars. NetworkError for a year or file that is not there."""
    rows = columns_of(folder / f"X_{year}.csv", "country", "sector", "output_musd")
    flows = columns_of(folder / f"Z_{year}.csv.gz", "from", "to", "musd")
    seller, buyer = (figures(flows[name], f"Z_{year}.csv.gz").astype(np.int64) for name in ("from", "to"))
    n = rows.height
    for end in (seller, buyer):
        for bad in np.flatnonzero((end < 0) | (end >= n))[:1]:
            msg = f"Z_{year}.csv.gz: row {end[bad]} is not among the {n} rows of X_{year}.csv."
            raise NetworkError(msg)
    purchases = np.zeros((n, n))
    np.add.at(purchases, (seller, buyer), figures(flows["musd"], f"Z_{year}.csv.gz"))
    countries, country = _coded(rows["country"], f"X_{year}.csv")
    sectors, sector = _in_order(rows["sector"])
    return country_table(
        countries=countries,
        sectors=sectors,
        country=country,
        sector=sector,
        purchases=purchases,
        output=figures(rows["output_musd"], f"X_{year}.csv"),
        final=_final(folder / f"F_{year}.csv.gz", countries, n),
    )


def _final(path: Path, countries: list[str], n: int) -> Floats:
    """Final demand by country of use, its categories added up; stocks drawn down are negative."""
    frame = columns_of(path)
    final = np.zeros((n, len(countries)))
    if frame.height != n:
        msg = f"{path.name}: {frame.height} rows where the table has {n}. Fetch it again."
        raise NetworkError(msg)
    for name in frame.columns[1:]:
        country = country_code(name.partition(".")[0], file=path.name)
        if country not in countries:
            msg = f"{path.name}, {name}: {country} is not among the countries of the table."
            raise NetworkError(msg)
        final[:, countries.index(country)] += figures(frame[name], path.name)
    return final


def read_mrio(folder: Path) -> CountryTable:
    """The test table of pymrio; regions keep their own names. Output is purchases and factor inputs of each column."""
    flows, final = folder / "trade_flows_Z.tsv", folder / "finald_demand_Y.tsv"
    labels, cells = _labelled(flows, heads=2)
    _rows, wanted = _labelled(final, heads=2)
    paid = [line.split("\t")[2:] for line in lines_of(folder / "factor_input.tsv")[2:] if line.strip("\t ")]
    added = sum(figures(pl.Series("factor input", row), "factor_input.tsv") for row in paid)
    users = lines_of(final)[0].split("\t")[3:]
    regions, region = _in_order(pl.Series([row[0] for row in labels]))
    sectors, sector = _in_order(pl.Series([row[1] for row in labels]))
    n = len(labels)
    _same(flows, cells.shape, (n, n))
    _same(final, wanted.shape, (n, len(users)))
    _same(folder / "factor_input.tsv", (1, np.size(added)), (1, n))
    if strange := next((name for name in users if name not in regions), None):
        msg = f"{final.name}: {strange} is not among the regions of the table."
        raise NetworkError(msg)
    by_user = np.zeros((n, len(regions)))
    for at, name in enumerate(users):
        by_user[:, regions.index(name)] += wanted[:, at]
    return country_table(
        countries=regions,
        sectors=sectors,
        country=region,
        sector=sector,
        purchases=cells,
        output=cells.sum(axis=0) + added,
        final=by_user,
    )


def _same(path: Path, found: tuple[int, ...], wanted: tuple[int, int]) -> None:
    """NetworkError unless a file holds as many figures as belong together; one that broke off does not."""
    if found != wanted:
        msg = f"{path.name}: {found[0]} x {found[1]} figures where {wanted[0]} x {wanted[1]} belong. Fetch it again."
        raise NetworkError(msg)


def _labelled(path: Path, *, heads: int) -> tuple[list[list[str]], Floats]:
    """(the three labels of each row, the figures) of a tab-separated table under `heads` lines of labels."""
    rows = [line.split("\t") for line in lines_of(path)[heads:]]
    rows = [row for row in rows if row[0]]
    cells = pl.Series("figures", [cell for row in rows for cell in row[3:]], dtype=pl.String)
    widths = {len(row) for row in rows}
    if len(widths) != 1:
        said = "its rows are not all of one length" if rows else "it has no rows"
        msg = f"{path.name}: {said}. Fetch it again."
        raise NetworkError(msg)
    return [row[:3] for row in rows], figures(cells, path.name).reshape(len(rows), -1)


def _coded(names: pl.Series, file: str) -> tuple[list[str], Ints]:
    codes = {name: country_code(name, file=file) for name in names.unique()}
    return _in_order(names.replace_strict(codes, return_dtype=pl.String))


def _in_order(names: pl.Series) -> tuple[list[str], Ints]:
    """(different names in the order in which they first stand, the place of each row's name)."""
    known = names.unique(maintain_order=True).to_list()
    place = {name: at for at, name in enumerate(known)}
    return known, np.array([place[name] for name in names], dtype=np.int32)
