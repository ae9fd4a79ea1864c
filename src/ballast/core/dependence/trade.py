"""Measures of import dependence for one product, from who sells it to whom; and what a limit says about them.

Sources of the measures: CEPII GeoDep (Lefebvre and Wibaux 2024), European Commission SWD(2021) 352, Regulation (EU)
2024/1252 article 5. Limits are data, see ballast.tables.packs.
"""

from typing import Literal, TypeAlias

import numpy as np

from ballast.core.columns import Bools, Floats, refuse

__all__ = ["Bounds", "Verdict", "among_years", "import_measures", "verdict"]

Bounds: TypeAlias = tuple[float, float]
Verdict: TypeAlias = Literal["yes", "no", "unknown"]


def import_measures(
    flows: Floats, home: Bools, *, unknown: float = 0.0, many: Bools | None = None
) -> dict[str, Bounds]:
    """Bounds of each measure of a product; absent where it has no meaning (no imports, a home of one country).

    `flows` [c, c] says what each country sells to each, uses at home on the diagonal; `home` [c] are the countries
    of the home. `unknown` of what the home uses has an unknown origin, at home or in any countries abroad. Rows
    that are `many` [c], such as the rest of the world, stand for one source or for any number of small ones.

    import_hhi: sum of squared shares of foreign sources in imports. export_hhi: of exporters in all sales abroad.
    imports_to_exports: imports / exports, inf without exports. foreign_share: imports / use at home.
    largest_foreign_share: the largest foreign source / use at home. outside_share: imports / (imports + trade
    between the countries of the home).
    """
    if not np.all(np.isfinite(flows) & (flows >= 0.0)) or not np.isfinite(unknown) or unknown < 0.0:
        refuse("flows", str(flows.min(initial=0.0)), "is no amount from 0 up", "Give finite amounts from 0 up")
    several = np.zeros(home.size, dtype=bool) if many is None else np.asarray(many, dtype=bool)
    bought = flows[:, home].sum(axis=1)
    known, use = float(bought[~home].sum()), float(bought.sum()) + unknown
    crossing = flows - np.diag(np.diag(flows))
    inner = float(crossing[np.ix_(home, home)].sum())
    exports = float(flows[np.ix_(home, ~home)].sum())
    most = known + unknown
    found: dict[str, Bounds] = {}
    if crossing.any():
        found["export_hhi"] = _squares(crossing.sum(axis=1), several, 0.0)
    if use > 0.0:
        low, high = (float(bought[rows].max(initial=0.0)) for rows in (~home & ~several, ~home))
        found["foreign_share"] = (known / use, most / use)
        found["largest_foreign_share"] = (low / use, (high + unknown) / use)
    if most > 0.0:
        found["import_hhi"] = _squares(bought[~home], several[~home], unknown)
        found["imports_to_exports"] = (known / exports, most / exports) if exports else (_endless(known), np.inf)
    if home.sum() > 1 and most + inner > 0.0:
        found["outside_share"] = (known / (known + inner) if known else 0.0, most / (most + inner))
    return found


def _squares(amounts: Floats, several: Bools, unknown: float) -> Bounds:
    """Sum of squared shares: what is unknown or stands for many spread thin, and heaped on the largest.

    Adding to the largest source never lowers the index, adding many small sources never raises it.
    """
    total = float(amounts.sum()) + unknown
    low, high = float(np.sum(amounts[~several] ** 2)), float(np.sum(amounts**2))
    top = float(amounts.max(initial=0.0))
    return low / total**2, (high + unknown * (2.0 * top + unknown)) / total**2


def verdict(bounds: Bounds, limit: float, *, reached: bool = False) -> Verdict:
    """Whether a measure is above its limit (or `reached`: at or above it): yes, no, or unknown within its bounds.

    >>> verdict((0.3, 0.5), 0.4), verdict((0.7, 0.7), 0.7, reached=True)
    ('unknown', 'yes')
    """
    low, high = bounds
    if low > limit or (reached and low >= limit):
        return "yes"
    return "unknown" if high > limit or (reached and high >= limit) else "no"


def among_years(verdicts: dict[int, Verdict], year: int, *, at_least: int, of: int) -> Verdict:
    """Whether `at_least` years of the `of` years that end with `year` say yes; a year without a verdict is unknown.

    >>> among_years({2010: "yes", 2011: "yes"}, 2011, at_least=2, of=3)
    'yes'
    """
    said = [verdicts.get(y, "unknown") for y in range(year - of + 1, year + 1)]
    if said.count("yes") >= at_least:
        return "yes"
    return "no" if said.count("yes") + said.count("unknown") < at_least else "unknown"


def _endless(imports: float) -> float:
    """Imports over no exports: endless, and 0 where there may be no imports either."""
    return np.inf if imports else 0.0
