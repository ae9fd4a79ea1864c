"""Systemic risk of every firm beside a full rescan with sparse matrices, its error, and the limit of the memory."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numba import njit
from numpy.typing import NDArray

from ballast.bench.references.systemic_risk import Rescan
from ballast.bench.timing import Row, best, peak_mib
from ballast.bench.worlds import LARGE_BUY_MORE, essentiality, synthetic
from ballast.core.columns import Floats
from ballast.core.parallel import spread
from ballast.core.systemic_risk import RANKING, REPORT, systemic_risk, trade_network
from ballast.core.systemic_risk.exact import HIGH, LIKELY, LOW, PIECE, VISITS, Exact
from ballast.core.systemic_risk.layout import Layout
from ballast.core.systemic_risk.trade_network import TradeNetwork

__all__ = ["network_of", "rows"]

# Sales that leave the network; firms asked in compatible mode and of the reference; firms whose error is measured by
# iteration to SETTLED: so many of the largest, and as many others.
LEAK, ASKED, RESCANNED, MEASURED, SETTLED = 0.3, 1_000, 40, 5, 1e-12
# Firms asked in exact mode where sales leave, and in closed networks, whose walks are long.
OPEN, CLOSED = {RANKING: 100_000, REPORT: 4_000}, {RANKING: 2_000, REPORT: 50}
REFERENCE, EPS, TOP = "SciPy sparse full rescan, eps 0.01", 1e-2, 1_000
# From here on only the whole sweep is timed: one step of the reference takes long enough.
HUGE = 500_000
# Up to here networks are also asked in which large firms buy more.
HARDER_AT = 10_000
# Times as fast as the reference from this number of firms on.
GOALS, GOALS_AT = {RANKING: 600, REPORT: 15}, 100_000


def rows(sizes: Sequence[int], *, repeat: int = 3) -> Iterator[Row]:
    """Lines of the benchmark table for networks of so many firms, closed and with sales that leave them."""
    for firms in sizes:
        if firms < HUGE:
            yield from _beside(network_of(firms, 0.0), "closed", CLOSED, repeat)
        network = network_of(firms, LEAK)
        if firms < HUGE:
            yield from _beside(network, "30 % leave", OPEN, repeat)
        yield _sweep(network, 1 if firms >= HUGE else repeat)
        # Cascades that reach the hubs: elsewhere there are few links to visit.
        yield _per_link(network_of(firms, LEAK, buying=LARGE_BUY_MORE), repeat)
        if firms <= HARDER_AT:
            harder = network_of(firms, 0.0, buying=LARGE_BUY_MORE)
            yield from _beside(harder, "closed, large firms buy more", CLOSED, repeat)


def network_of(firms: int, leak: float, *, buying: float = 0.0) -> TradeNetwork:
    """The synthetic trade network of so many firms in 86 industries; `leak` of the sales leave it."""
    trade = synthetic(firms, leak=leak, buying=buying)
    return trade_network(
        trade.supplier,
        trade.buyer,
        trade.value,
        trade.industry,
        essentiality=essentiality(trade.industries),
        revenue=trade.revenue,
    )


def _beside(network: TradeNetwork, kind: str, asked: Mapping[float, int], repeat: int) -> Iterator[Row]:
    """Compatible mode and both accuracies of exact mode, a firm each, beside the rescan of evenly spaced firms."""
    rescan, few = Rescan(network), _spaced(network, RESCANNED)
    plain, reference = best(lambda: np.array([rescan.loss(int(firm), EPS) for firm in few]), repeat, warm=False)
    plain /= few.size
    size = f"{network.firms:,} firms / {network.links:,} links, {kind}"
    same = systemic_risk(network, few.tolist()).esri
    count, goal = (ASKED, 4) if network.firms < GOALS_AT else (ASKED // 5, 6)
    firms = _spaced(network, count).tolist()
    ours = best(lambda: systemic_risk(network, firms), repeat)[0] / len(firms)
    difference = float(np.abs(same - reference).max())
    yield Row(
        "systemic risk", "compatible, a firm", size, ours, REFERENCE, plain, difference,
        f">= {goal}x", plain / ours >= goal, peak_mib(), f"{len(firms):,} firms, the reference {few.size}",
    )  # fmt: skip
    for accuracy, count in asked.items():
        yield _exact(network, size, accuracy, _spaced(network, count), plain, repeat)


def _exact(
    network: TradeNetwork, size: str, accuracy: float, firms: NDArray[np.intp], plain: float, repeat: int
) -> Row:
    model = Exact(Layout(network), market_shares=True)
    ready = best(model.prepare, 1, warm=False)[0]
    places = model.layout.place[firms]
    model.answer(places[:2], accuracy)
    seconds, found = best(lambda: model.answer(places, accuracy), repeat, warm=False)
    ours, order = seconds / firms.size, np.argsort(-found[:, LIKELY], kind="stable")
    shown = np.unique(np.concatenate((order[:MEASURED], np.linspace(0, firms.size - 1, MEASURED).astype(int))))
    settled = systemic_risk(network, firms[shown].tolist(), eps=SETTLED).esri
    error = float(np.abs(found[shown, LIKELY] - settled).max())
    times, wide = (
        GOALS[accuracy] if network.firms >= GOALS_AT else 0,
        float(np.nanmax(found[:, HIGH] - found[:, LOW], initial=0.0)),
    )
    goal = (f">= {times}x, " if times else "") + f"error <= {accuracy:g}"
    note = (
        f"{firms.size:,} firms; made ready in {ready:.1f} s; bounds {wide:.1e} apart at most, "
        f"{np.isnan(found[:, HIGH]).sum():,} without; difference to iteration to {SETTLED:g} of {shown.size} firms"
    )
    if accuracy == RANKING and firms.size == network.firms > TOP:
        note += (
            f"; rank correlation of the top {TOP:,}: {_rank_correlation(model, places[order[:TOP]], found, order):.5f}"
        )
    return Row(
        "systemic risk", f"exact to {accuracy:g}, a firm", size, ours, REFERENCE, plain, error,
        goal, plain / ours >= times and error <= accuracy, peak_mib(), note,
    )  # fmt: skip


def _rank_correlation(model: Exact, places: NDArray[np.int32], found: Floats, order: NDArray[np.intp]) -> float:
    """Spearman's, of the firms that rank first, with the answer to report accuracy."""
    fine = model.answer(places, REPORT)[:, LIKELY]
    ranks = [np.argsort(np.argsort(values, kind="stable")) for values in (found[order[: places.size], LIKELY], fine)]
    middle = 0.5 * (places.size - 1)
    return float((ranks[0] - middle) @ (ranks[1] - middle) / ((ranks[0] - middle) ** 2).sum())


def _sweep(network: TradeNetwork, repeat: int) -> Row:
    """Every firm on two threads beside one, made ready beforehand; the whole question on two threads in the note."""
    systemic_risk(network, [0], mode="exact")
    whole, found = best(lambda: systemic_risk(network, mode="exact", threads=2), repeat, warm=False)
    memory = peak_mib()
    model = Exact(Layout(network), market_shares=True)
    model.prepare()

    def every(threads: int) -> Floats:
        return np.concatenate(
            spread(lambda *part: model.answer(np.arange(*part), RANKING), network.firms, size=PIECE, threads=threads)
        )

    one, alone = best(lambda: every(1), repeat)
    two, both = best(lambda: every(2), repeat)
    same = np.array_equal(alone, both, equal_nan=True)
    same &= np.array_equal(alone[model.layout.place, LIKELY], found.esri, equal_nan=True)
    goal, size = "whole <= 180 s, 2 GiB; two threads >= 1.7x", f"{network.firms:,} firms, 30 % leave"
    return Row(
        "systemic risk", "exact, every firm, two threads", size, two, "one thread", one,
        None, goal, whole <= 180 and memory <= 2_048 and one / two >= 1.7, memory,
        f"whole with making ready, which runs on one thread: {whole:.1f} s; same bits: {same}",
    )  # fmt: skip


def _per_link(network: TradeNetwork, repeat: int) -> Row:
    """A link that the hundred largest firms visit, beside the update alone, suppliers in no order."""
    model = Exact(Layout(network), market_shares=True)
    model.prepare()
    places = np.argsort(-model.walks.visits, kind="stable")[:100].astype(np.int32)
    seconds, found = best(lambda: model.answer(places, RANKING), repeat)
    start, links = model.layout.down
    slot, loss = np.zeros(network.slots), np.zeros(network.firms)
    order = np.random.default_rng(5).permutation(network.firms).astype(np.int32)
    bound = best(lambda: touch(start, links, order, slot, loss), repeat)[0] / links.size
    ours, size = seconds / float(found[:, VISITS].sum()), f"{network.firms:,} firms, 30 % leave, large firms buy more"
    return Row(
        "systemic risk", "a visited link", size, ours, "slot and buyer touched", bound,
        None, "<= 4 times the bound", ours <= 4 * bound, peak_mib(),
        f"{ours * 1e9:.1f} ns beside {bound * 1e9:.1f} ns: {ours / bound:.1f} times the memory's bound",
    )  # fmt: skip


def _spaced(network: TradeNetwork, count: int) -> NDArray[np.intp]:
    """So many firms, evenly spaced."""
    return np.unique(np.linspace(0, network.firms - 1, min(count, network.firms)).astype(np.intp))


@njit(cache=True, nogil=True)
def touch(
    start: NDArray[np.int32], links: NDArray[np.void], order: NDArray[np.int32], slot: Floats, loss: Floats
) -> None:
    """What a cascade cannot do without: add to the slot of each link, keep the largest at its buyer."""
    for i in order:
        for k in range(start[i], start[i + 1]):
            link = links[k]
            new = slot[link.slot] + link.share * 1e-6
            slot[link.slot] = new
            loss[link.firm] = max(loss[link.firm], new)
