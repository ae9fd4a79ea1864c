"""The days of the adaptive input-output model: the table is read once a day, sector by sector, from the cache."""

import numpy as np

from ballast.core.kernels.compiled import entry, inner_sums

__all__ = ["advance", "produce"]


@entry
def produce(wanted, stock, need, output):
    """Output of each industry: what it wants to make, cut to the scarcest input.

    `need` [sectors, n] is the stock without which a unit of output is held back, 0 where an input never is.
    """
    sectors, n = stock.shape
    output[:] = 1.0
    for s in range(sectors):
        for j in range(n):
            least = need[s, j] * wanted[j]
            if stock[s, j] < least * output[j]:
                output[j] = stock[s, j] / least
    for j in range(n):
        output[j] *= wanted[j]


# Sums over a row may be added up in any order, which lets the processor add eight at a time.
@inner_sums
def _asked(row, level):
    total = 0.0
    for j in range(row.size):
        total += row[j] * level[j]
    return total


@entry
def advance(flows, starts, input_share, days, endless, pace, output, wanted, filled, before, now, stock, level, asked):
    """Deliver, use and order anew, one sector of suppliers after the other.

    `flows` [n, n] rows by sector, those of sector s from starts[s] on; orders of a day are level[s, j] * flows[i, j] *
    weight[i], with weight `before` yesterday and `now` today. `filled` [n] is output / demand. Writes `stock` and
    `level` [sectors, n] and `asked` [n], the orders that each industry gets.
    """
    n = output.size
    sent, weighed = np.empty(n), np.empty(n)
    for s in range(starts.size - 1):
        sent[:] = 0.0
        weighed[:] = 0.0
        for i in range(starts[s], starts[s + 1]):
            part, weight = filled[i] * before[i], now[i]
            for j in range(n):
                sent[j] += flows[i, j] * part
                weighed[j] += flows[i, j] * weight
        for j in range(n):
            used = input_share[s, j] * output[j]
            order = used
            if not endless[s]:
                held = stock[s, j] - used + sent[j] * level[s, j]
                stock[s, j] = held if held > 0.0 else 0.0
                gap = input_share[s, j] * wanted[j] * days[s] - held
                order += gap * pace[s] if gap > 0.0 else 0.0
            level[s, j] = order / weighed[j] if weighed[j] > 0.0 else 0.0
        for i in range(starts[s], starts[s + 1]):
            asked[i] = _asked(flows[i], level[s]) * now[i]
