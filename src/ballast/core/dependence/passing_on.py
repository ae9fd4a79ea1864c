"""What a dearer input does to the prices of all who use it, tier upon tier, when every sector passes its cost on.

Leontief's price model (Leontief 1951; Miller and Blair 2009, section 2.6): prices p and value added v per unit satisfy
p = A' p + v. With the prices of some sectors set from outside and the value added of the others unchanged, the others
follow as dp_R = (I - A_RR')^-1 A_SR' dp_S. An upper bound for the short run: nobody absorbs cost, nobody substitutes.
"""

import numpy as np
from numpy.typing import ArrayLike

from ballast.core.columns import Floats, refuse
from ballast.core.dependence.leontief import CountryTable

__all__ = ["passed_on"]


def passed_on(table: CountryTable, dearer: ArrayLike, rise: ArrayLike = 1.0) -> Floats:
    """[n] relative rise of every country-sector's price when those marked in `dearer` [n] (bool) rise by `rise`.

    `rise` is a part of the price, one for all or one each: 0.2 is 20 %. Sectors without output rise by 0.
    O(m^3 / 3) for m sectors that are not marked. NetworkError when none is marked.
    """
    marked = np.asarray(dearer, dtype=np.bool_)
    if marked.shape != table.output.shape or not marked.any():
        refuse("dearer", f"{int(marked.sum())} of {marked.size}", "names no sector of the table", "Mark at least one")
    share = np.divide(table.purchases, table.output, out=np.zeros_like(table.purchases), where=table.output > 0.0)
    set_by = np.broadcast_to(np.asarray(rise, dtype=np.float64), marked.shape)[marked]
    rest = ~marked
    effect = np.zeros(marked.size)
    effect[marked] = set_by
    left = np.eye(int(rest.sum())) - share[np.ix_(rest, rest)].T
    effect[rest] = np.linalg.solve(left, share[np.ix_(marked, rest)].T @ set_by)
    effect[table.output <= 0.0] = 0.0
    return effect
