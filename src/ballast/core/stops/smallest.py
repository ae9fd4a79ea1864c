"""The mixed-integer program of the smallest restart set, solved by HiGHS."""

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ballast.core.columns import Bools, Floats

if TYPE_CHECKING:
    from ballast.core.kernels.restart import Supplied

__all__ = ["MOST", "smallest"]

# Candidates above this are not put into one program.
MOST = 200_000
_TOLERANCE = 1e-9
# What HiGHS takes for whole.
_WHOLE = 1e-6

Places = NDArray[np.int64]


def smallest(
    supplied: "Supplied", pool: Places, needed: Bools, weight: Floats, bound: float, seconds: float
) -> tuple[Places, float]:
    """(sites of the lightest closed set found, weight that no closed set goes below) among the sites of the pool.

    One yes/no variable y a site; for each slot of a member Σ part · y(supplier) >= y(site), where a link's part is
    what it brings of what is needed, at most 1. Sites that are `needed` [n] in any case are in. The pool itself is the
    answer when nothing is found; `bound` is known.
    """
    from scipy.optimize import Bounds, milp  # type: ignore[import-untyped]

    if pool.size > MOST or seconds <= 0.0:
        return pool, bound
    found = milp(
        weight[pool],
        constraints=_rows(supplied, pool),
        bounds=Bounds(needed[pool].astype(np.float64), 1.0),
        integrality=np.ones(pool.size),
        options={"time_limit": seconds, "mip_rel_gap": 0.0},
    )
    if found.mip_dual_bound is not None and math.isfinite(found.mip_dual_bound):
        least = float(found.mip_dual_bound)
        if (weight[pool] == np.round(weight[pool])).all():
            least = math.ceil(least - _WHOLE)
        bound = max(bound, least)
    return (pool if found.x is None else pool[found.x > 0.5]), bound


def _rows(supplied: "Supplied", pool: Places) -> object:
    """Σ part · y(supplier) - y(site) >= 0 for each slot of the pool that needs suppliers, and for suppliers that a slot
    cannot do without y(supplier) - y(site) >= 0."""
    from scipy.optimize import LinearConstraint
    from scipy.sparse import csr_array  # type: ignore[import-untyped]

    here = np.full(supplied.site_slots.size - 1, -1, dtype=np.int64)
    here[pool] = np.arange(pool.size)
    inner = here[supplied.site[supplied.slot]] >= 0
    inner &= (here[supplied.supplier] >= 0) & (supplied.amount > 0.0) & (supplied.need[supplied.slot] > _TOLERANCE)
    links = np.flatnonzero(inner)
    slot, least = supplied.slot[links], supplied.need[supplied.slot[links]] - _TOLERANCE
    part = np.minimum(supplied.amount[links] / least, 1.0)
    slots, row = np.unique(slot, return_inverse=True)
    other = np.bincount(slot, supplied.amount[links], minlength=supplied.need.size)[slot] - supplied.amount[links]
    alone = np.flatnonzero(other < least)
    count = slots.size + alone.size
    extra = slots.size + np.arange(alone.size)
    site, supplier = here[supplied.site[slots]], here[supplied.supplier[links]]
    entries = np.concatenate([part, -np.ones(slots.size), np.ones(alone.size), -np.ones(alone.size)])
    rows = np.concatenate([row, np.arange(slots.size), extra, extra])
    columns = np.concatenate([supplier, site, supplier[alone], here[supplied.site[slot[alone]]]])
    return LinearConstraint(csr_array((entries, (rows, columns)), shape=(count, pool.size)), 0.0, np.inf)
