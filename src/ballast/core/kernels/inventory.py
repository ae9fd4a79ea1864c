"""The days of the inventory model: one pass over the links a day, then one over the firms."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ballast.core.kernels.compiled import entry, inner

__all__ = ["EVERYONE", "PRIORITY", "PROPORTIONAL", "SMALLEST", "Days", "Firms", "State", "Supply", "advance"]

# How a firm that cannot fill its orders shares out what it makes.
PROPORTIONAL, SMALLEST, PRIORITY = 0, 1, 2
# Cut of a firm that serves all ranks.
EVERYONE = 2**31 - 1
# Below this rate a firm counts as not yet back; above, as back.
BACK = 0.999
_FILL, _DEMAND = 0, 1


class Supply(NamedTuple):
    """n firms, s slots, m links by slot; suppliers n and n + 1 are the outside, which never runs short, and nobody."""

    firm_slots: NDArray[np.int32]  # [n + 1]
    slot_links: NDArray[np.int32]  # [s + 1]
    weight: NDArray[np.float64]  # [s] output lost when the slot is empty; -1 when it is essential
    target: NDArray[np.float64]  # [s] days
    supplier: NDArray[np.int32]  # [m]
    part: NDArray[np.float64]  # [m] of the slot's normal arrivals
    sale: NDArray[np.float64]  # [m] of the supplier's normal output
    final: NDArray[np.float64]  # [n] final demand, of normal output
    whole: NDArray[np.float64]  # [n] final demand and sales in the order in which they are added up, about 1
    out_starts: NDArray[np.int32]  # [n + 1] where the links of each supplier begin in the next; by rank
    out_links: NDArray[np.int32]
    out_rank: NDArray[np.int32]  # rank of the customer of each of these
    rank: NDArray[np.int32]  # [n + 1] the smallest is served first; the last is that of final demand


class State(NamedTuple):
    """What one day hands on to the next."""

    gap: NDArray[np.float64]  # [m] stock less target, days of the link's normal flow
    order: NDArray[np.float64]  # [m] normal is 1
    mean: NDArray[np.float64]  # [s] stock of all suppliers less target, days of the slot's normal use
    rate: NDArray[np.float64]  # [n] output, normal is 1
    firm: NDArray[np.float64]  # [n + 2, 2] (what is filled of orders, demand), side by side for the cache
    cut: NDArray[np.int32]  # [n + 2] rank that is served in part; lower ones are served in full
    want: NDArray[np.float64]  # [n] output for which inputs are ordered
    most: NDArray[np.float64]  # [n] what capacity allows
    limit: NDArray[np.float64]  # [n] what capacity and inputs allow
    scratch: NDArray[np.float64]  # [most links of a supplier + 1, 2]


class Days(NamedTuple):
    """What each day brings: loss of capacity of the firms listed, and what is left of the lanes listed."""

    tau: float
    capacity: float
    mode: int
    by_output: bool  # orders follow output, else demand as far as capacity allows
    firms: NDArray[np.int64]  # [k]
    loss: NDArray[np.float64]  # [days, k]
    links: NDArray[np.int64]  # [q] ascending
    left: NDArray[np.float64]  # [days, q]


class Firms(NamedTuple):
    """What is counted of each firm over the days, and of all firms each day."""

    value: NDArray[np.float64]  # [n] of normal output, 0 where unknown
    added: NDArray[np.float64]  # [n] value added
    minimum: NDArray[np.float64]  # [n] below this rate a firm has stopped
    lost: NDArray[np.float64]  # [n] days of normal output
    unmet: NDArray[np.float64]  # [n] days of normal output that final demand did not get
    stop: NDArray[np.int32]  # [n] first day below the minimum, -1 never
    slow: NDArray[np.int32]  # [n] first day below normal, -1 never
    short: NDArray[np.int32]  # [n] last day below BACK, -1 never
    totals: NDArray[np.float64]  # [days, 4] output, value added, unmet final demand, firms below their minimum
    rates: NDArray[np.float64]  # [days, n], or of no days


@entry
def advance(supply, state, days, firms, first, last):
    """Run the days first..last - 1."""
    for day in range(first, last):
        state.most[:] = days.capacity
        for column in range(days.firms.size):
            state.most[days.firms[column]] = days.capacity * (1.0 - days.loss[day, column])
        _links(supply, state, days, day)
        _firms(supply, state, days, firms, day)


@inner
def _links(supply, state, days, day):
    """Goods arrive and are used, orders go out and add up at the suppliers, inputs limit output."""
    # Arrays by name: what is read through a tuple is counted anew in every turn of the loop. Places without a sign
    # and comparisons written out spare the loop two thirds of its time.
    firm, gap, order, mean = state.firm, state.gap, state.order, state.mean
    rates, wants, mosts, limits, cut, ranks = state.rate, state.want, state.most, state.limit, state.cut, supply.rank
    starts, slot_links, sellers, parts = supply.firm_slots, supply.slot_links, supply.supplier, supply.part
    sales, target, weight = supply.sale, supply.target, supply.weight
    mode, pace, held_links, left = days.mode, 1.0 / days.tau, days.links, days.left
    # Stocks at day 0 are those of the morning, after yesterday's use.
    running = 1.0 if day > 0 else 0.0
    lane, lanes, one, fill, demand = 0, held_links.size, np.uint64(1), np.uint64(_FILL), np.uint64(_DEMAND)
    firm[:, _DEMAND] = 0.0
    for i in range(np.uint64(rates.size)):
        rate, want, limit, lack, rank = rates[i], wants[i], mosts[i], 0.0, ranks[i]
        for slot in range(np.uint64(starts[i]), np.uint64(starts[i + one])):
            # Stocks count from the target, so that rounding leaves a normal day normal for ever: where firms buy from
            # one another in a ring, orders would blow up the smallest difference.
            aim, above, cover = target[slot], mean[slot], target[slot] + mean[slot]
            used = running * (rate if rate < cover else cover)
            drawn = used / cover if cover > 0.0 else 0.0
            wanted, after = aim * (want - 1.0), 0.0
            for k in range(np.uint64(slot_links[slot]), np.uint64(slot_links[slot + one])):
                seller = np.uint64(sellers[k])
                got, filled = order[k], firm[seller, fill]
                if mode == PROPORTIONAL:
                    got *= filled
                elif mode == SMALLEST:
                    got = got if got < filled else filled
                elif rank == cut[seller]:
                    got *= filled
                elif rank > cut[seller]:
                    got = 0.0
                # What is used comes from all suppliers of the slot in proportion to what lies there of each.
                held = gap[k] - (used + (gap[k] - above) * drawn) + got
                asked = want + (wanted - held) * pace
                asked = asked if asked > 0.0 else 0.0
                if lane < lanes and held_links[lane] == k:
                    asked *= left[day, lane]
                    lane += 1
                gap[k], order[k] = held, asked
                firm[seller, demand] += sales[k] * asked
                after += parts[k] * held
            mean[slot] = after
            cover = aim + after
            if weight[slot] >= 0.0:
                lack += weight[slot] * (1.0 - cover if cover < 1.0 else 0.0)
            elif cover < limit:
                limit = cover
        most = days.capacity - lack
        limit = limit if limit < most else most
        limits[i] = limit if limit > 0.0 else 0.0


@inner
def _firms(supply, state, days, firms, day):
    """What each firm makes, uses and hands out, and what is counted of it."""
    firm, cut, limits, rates = state.firm, state.cut, state.limit, state.rate
    wants, mosts, mode, by_output = state.want, state.most, days.mode, days.by_output
    finals, wholes = supply.final, supply.whole
    value, value_added, minimum, lost, missing = firms.value, firms.added, firms.minimum, firms.lost, firms.unmet
    stop, slow, short, history = firms.stop, firms.slow, firms.short, firms.rates
    keep = history.shape[0] > 0
    output = added = unmet = below = 0.0
    for i in range(finals.size):
        demand = (firm[i, _DEMAND] + finals[i]) / wholes[i]
        rate = min(limits[i], demand)
        rates[i] = rate
        wants[i] = rate if by_output else min(mosts[i], demand)
        served = 1.0
        if mode == PROPORTIONAL:
            served = rate / demand if demand > 0.0 else 1.0
            firm[i, _FILL] = served
        elif rate >= demand:
            firm[i, _FILL] = np.inf if mode == SMALLEST else 1.0
            cut[i] = EVERYONE
        elif mode == SMALLEST:
            firm[i, _FILL] = _level(supply, state, i, rate * wholes[i])
            served = min(1.0, firm[i, _FILL])
        else:
            served = _ranks(supply, state, i, rate * wholes[i])
        missed = finals[i] / wholes[i] * (1.0 - served)
        if keep:
            history[day, i] = rate
        lost[i] += 1.0 - rate
        missing[i] += missed
        if rate < minimum[i]:
            below += 1.0
            if stop[i] < 0:
                stop[i] = day
        if rate < 1.0 - 1e-9 and slow[i] < 0:
            slow[i] = day
        if rate < BACK:
            short[i] = day
        output += rate * value[i]
        added += rate * value_added[i]
        unmet += missed * value[i]
    firms.totals[day, 0], firms.totals[day, 1] = output, added
    firms.totals[day, 2], firms.totals[day, 3] = unmet, below


@inner
def _level(supply, state, i, left):
    """The level at which orders, as parts of their normal size, are cut off so that all that is `left` goes out.

    Orders below the level are filled and leave; each round raises the level of those that stay.
    """
    rows, count, weight = state.scratch, 1, supply.final[i]
    rows[0, 0], rows[0, 1] = 1.0, supply.final[i]
    for place in range(supply.out_starts[i], supply.out_starts[i + 1]):
        k = supply.out_links[place]
        rows[count, 0], rows[count, 1] = state.order[k], supply.sale[k]
        weight += supply.sale[k]
        count += 1
    while True:
        level = left / weight if weight > 0.0 else 0.0
        stay = 0
        for row in range(count):
            if rows[row, 0] <= level:
                left -= rows[row, 0] * rows[row, 1]
                weight -= rows[row, 1]
            else:
                rows[stay, 0], rows[stay, 1] = rows[row, 0], rows[row, 1]
                stay += 1
        if stay == count or stay == 0:
            return level
        count = stay
        # What rounding left of weights that are gone must not decide.
        weight = 0.0
        for row in range(count):
            weight += rows[row, 1]
        left = max(0.0, left)


@inner
def _ranks(supply, state, i, left):
    """Serve rank after rank while something is left; the rank in which it ends is served in proportion."""
    place, end, last = supply.out_starts[i], supply.out_starts[i + 1], supply.rank[supply.final.size]
    waits = supply.final[i] > 0.0
    state.firm[i, _FILL], state.cut[i] = 1.0, EVERYONE
    while place < end or waits:
        rank = supply.out_rank[place] if place < end else last
        if waits:
            rank = min(rank, last)
        here = waits and rank == last
        asked = supply.final[i] if here else 0.0
        while place < end and supply.out_rank[place] == rank:
            asked += supply.sale[supply.out_links[place]] * state.order[supply.out_links[place]]
            place += 1
        if asked > left:
            fill = left / asked
            state.firm[i, _FILL], state.cut[i] = fill, rank
            return fill if here else 0.0 if waits else 1.0
        left -= asked
        waits = waits and not here
    return 1.0
