"""Foreign dependence in an input-output table of countries and sectors: face value, looked through, value added.

With purchases Z, output x and coefficients A = Z / x (by column), L = (I - A)^-1 holds what of every sector stands in
one unit of each sector's output, all tiers together (Leontief 1936; Miller and Blair 2009, chapters 2 and 3).
Face value takes A, looked through takes L - I (Baldwin, Freeman and Theodorakopoulos 2023), value added takes
v L with v = 1 - column sums of A (Hummels, Ishii and Yi 2001; Timmer et al. 2015).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NoReturn

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ballast.core.columns import Floats, Ints, NetworkError, refuse

__all__ = ["CountryTable", "TableDependence", "country_table", "table_dependence", "total_requirements"]


@dataclass(frozen=True, eq=False)
class CountryTable:
    """n country-sectors; money of one currency and year. Rows sell, columns buy."""

    countries: tuple[str, ...]
    sectors: tuple[str, ...]
    country: Ints  # [n]
    sector: Ints  # [n]
    purchases: Floats  # [n, n] Z
    output: Floats  # [n] x
    final: Floats  # [n, countries] final demand by the country that uses it

    @property
    def names(self) -> list[str]:
        """[n] COUNTRY.SECTOR."""
        return [f"{self.countries[c]}.{self.sectors[s]}" for c, s in zip(self.country, self.sector, strict=True)]

    def flows(self, sector: int) -> Floats:
        """[countries, countries] what each country sells of one sector's product to each country, all uses.

        A flow that stocks drawn down make negative counts 0: nothing was sold.
        """
        c, sold = len(self.countries), np.flatnonzero(self.sector == sector)
        to_firms = np.zeros((sold.size, c))
        for buyer in range(c):
            to_firms[:, buyer] = self.purchases[np.ix_(sold, self.country == buyer)].sum(axis=1)
        flows = np.zeros((c, c))
        np.add.at(flows, self.country[sold], to_firms + self.final[sold])
        return np.maximum(flows, 0.0)


@dataclass(frozen=True, eq=False)
class TableDependence:
    """Per country-sector, 0..1; nan for one without output or without purchases. Sources are countries."""

    face: Floats  # [n] foreign share of the inputs bought
    through: Floats  # [n] foreign share of all inputs, tier upon tier
    value_added: Floats  # [n] foreign value added in a unit of output
    face_by_source: Floats  # [countries, n] shares of the inputs bought; 1 in sum
    through_by_source: Floats  # [countries, n] 1 in sum
    value_added_by_source: Floats  # [countries, n] of a unit of output; 1 in sum


def country_table(
    *,
    countries: Sequence[str],
    sectors: Sequence[str],
    country: ArrayLike,
    sector: ArrayLike,
    purchases: ArrayLike,
    output: ArrayLike,
    final: ArrayLike | None = None,
) -> CountryTable:
    """The table, checked. NetworkError names a purchase or output that cannot be."""
    who, what = np.asarray(country, dtype=np.int32), np.asarray(sector, dtype=np.int32)
    table = CountryTable(
        tuple(countries),
        tuple(sectors),
        who,
        what,
        np.asarray(purchases, dtype=np.float64),
        np.asarray(output, dtype=np.float64),
        np.zeros((who.size, len(countries))) if final is None else np.asarray(final, dtype=np.float64),
    )
    if table.purchases.shape != (who.size, who.size) or table.final.shape != (who.size, len(countries)):
        refuse(
            "table", f"{table.purchases.shape}, {table.final.shape}", f"do not fit {who.size} rows", "Give all cells"
        )
    names = table.names
    for seller, buyer in np.argwhere(~np.isfinite(table.purchases) | (table.purchases < 0.0))[:1]:
        cell = f"{table.purchases[seller, buyer]:g} from {names[seller]} to {names[buyer]}"
        refuse("purchases", cell, "is no amount from 0 up", "Correct the cell")
    for bad in np.flatnonzero(~np.isfinite(table.output) | (table.output < 0.0))[:1]:
        refuse("output", f"{table.output[bad]:g} of {names[bad]}", "is no amount from 0 up", "Correct it")
    for bad in np.flatnonzero((table.output == 0.0) & (table.purchases.sum(axis=0) > 0.0))[:1]:
        refuse("output", f"0 of {names[bad]}", "buys inputs all the same", "Give its output, or drop its purchases")
    return table


def table_dependence(table: CountryTable, *, home: ArrayLike | None = None) -> TableDependence:
    """Foreign shares of every country-sector; foreign is what the `home` [countries] labels tell apart.

    Without labels each country is its own home. One factorisation of I - A serves all sources: O(n^3 / 3).
    NetworkError when some sector needs more than its own output, tier upon tier, so that L does not exist.
    """
    labels = np.arange(len(table.countries)) if home is None else np.asarray(home)
    coefficients = _coefficients(table)
    residual = 1.0 - coefficients.sum(axis=0)
    sources = np.zeros((len(table.countries), table.country.size))
    sources[table.country, np.arange(table.country.size)] = 1.0
    total = _times_inverse(np.vstack([sources, sources * residual]), coefficients, table)
    inputs, added = total[: len(sources)] - sources, total[len(sources) :]
    direct = sources @ coefficients
    made = table.output > 0.0
    added[:, ~made] = np.nan
    foreign = labels[:, None] != labels[table.country][None, :]
    face_by, through_by = _shares(direct), _shares(inputs)
    return TableDependence(
        face=_abroad(face_by, foreign),
        through=_abroad(through_by, foreign),
        value_added=_abroad(added, foreign),
        face_by_source=face_by,
        through_by_source=through_by,
        value_added_by_source=added,
    )


def total_requirements(table: CountryTable) -> Floats:
    """[n, n] L = (I - A)^-1: what each row makes for one unit of final demand for each column, all tiers together.

    NetworkError when L does not exist.
    """
    return _times_inverse(np.eye(table.country.size), _coefficients(table), table)


def _coefficients(table: CountryTable) -> Floats:
    per_unit = np.divide(1.0, table.output, out=np.zeros_like(table.output), where=table.output > 0.0)
    return table.purchases * per_unit


def _times_inverse(rows: Floats, coefficients: Floats, table: CountryTable) -> Floats:
    """rows (I - A)^-1. NetworkError unless the inverse exists and is nowhere negative."""
    n = coefficients.shape[0]
    system = np.eye(n) - coefficients
    try:
        solved = np.linalg.solve(system.T, np.vstack([np.ones(n), rows]).T).T
    except np.linalg.LinAlgError:
        _refuse_unproductive(coefficients, table)
    # For A >= 0 the inverse exists and is >= 0 exactly when some p > 0 has p (I - A) > 0 (Hawkins and Simon 1949);
    # the multipliers 1 (I - A)^-1 are such a p as soon as they are all positive.
    if not np.all(solved[0] > 0.0):
        _refuse_unproductive(coefficients, table)
    return np.asarray(solved[1:], dtype=np.float64)


def _refuse_unproductive(coefficients: Floats, table: CountryTable) -> NoReturn:
    worst = int(np.argmax(coefficients.sum(axis=0)))
    msg = (
        f"table: {table.names[worst]} buys {coefficients[:, worst].sum():.3g} for 1 of output, and the sectors "
        "together need more than they make. Check its output and purchases."
    )
    raise NetworkError(msg)


def _shares(amounts: Floats) -> Floats:
    total = amounts.sum(axis=0)
    shares = np.full_like(amounts, np.nan)
    np.divide(amounts, total, out=shares, where=total > 0.0)
    return shares


def _abroad(shares: Floats, foreign: NDArray[np.bool_]) -> Floats:
    """Sum over foreign sources; nan stays nan."""
    total: Floats = np.where(foreign, shares, 0.0 * shares).sum(axis=0)
    return total
