"""Rows of indicators.csv: measures of dependence held against the limits of indicator packs."""

from collections.abc import Iterable, Mapping, Sequence
from math import isfinite

from ballast.core.dependence import Bounds, Verdict, among_years
from ballast.tables.packs import Pack, Test

__all__ = ["Case", "indicator_rows"]

# (home, product) -> year (None when the data have none) -> bounds of each measure that has a meaning there.
Case = tuple[str, str]


def indicator_rows(
    measures: Mapping[Case, Mapping[int | None, Mapping[str, Bounds]]], packs: Iterable[Pack]
) -> list[tuple[object, ...]]:
    """A row for each test whose measure is there, and one for each pack whose tests are judged together.

    A pack is judged only where the data give all its measures. Where it asks for several years, years that the data
    do not give are unknown.
    """
    rows: list[tuple[object, ...]] = []
    for pack in packs:
        for (home, product), by_year in measures.items():
            rows += _case(pack, home, product, by_year)
    return rows


def _case(
    pack: Pack, home: str, product: str, by_year: Mapping[int | None, Mapping[str, Bounds]]
) -> list[tuple[object, ...]]:
    rows, verdicts = [], {}
    for year, found in by_year.items():
        tests = [test for test in pack.tests if test.measure in found]
        rows += [_row(pack, test, home, product, year, found[test.measure]) for test in tests]
        if pack.together and len(tests) == len(pack.tests):
            verdicts[year] = _all([test.on(found[test.measure]) for test in tests])
    known = {year: said for year, said in verdicts.items() if year is not None}
    for year, said in verdicts.items():
        if year is not None:
            said = among_years(known, year, at_least=pack.at_least, of=pack.of)
        elif pack.of > 1 and said == "yes":
            said = "unknown"
        if len(pack.tests) > 1 or pack.of > 1:
            rows.append(
                (pack.code, None, home, product, year, None, None, None, None, said, pack.effective, pack.source)
            )
    return rows


def _row(pack: Pack, test: Test, home: str, product: str, year: int | None, bounds: Bounds) -> tuple[object, ...]:
    low, high = (value if isfinite(value) else None for value in bounds)
    return (
        pack.code, test.name, home, product, year, test.measure, low, high, test.limit, test.on(bounds),
        pack.effective, pack.source,
    )  # fmt: skip


def _all(verdicts: Sequence[Verdict]) -> Verdict:
    if "no" in verdicts:
        return "no"
    return "unknown" if "unknown" in verdicts else "yes"
