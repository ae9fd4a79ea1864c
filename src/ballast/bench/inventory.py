"""The inventory model beside whole columns and matrices in NumPy, and beside BoARIO where that is installed."""

import time
import warnings
from collections.abc import Iterator, Sequence
from importlib import import_module
from importlib.util import find_spec

import numpy as np

from ballast.bench.references.inventory import firms_by_columns, table_by_matrices
from ballast.bench.timing import Row, best, marginal, peak_mib
from ballast.bench.worlds import synthetic
from ballast.core.columns import Floats
from ballast.core.dependence import CountryTable, country_table
from ballast.core.inventory import (
    AUTHORS_TARGET_DAYS,
    AUTHORS_TAU,
    Damage,
    Rationing,
    SupplyNetwork,
    simulate,
    simulate_table,
    supply_network,
)

__all__ = ["boario_days", "rows", "struck", "tiled", "traded"]

# Days of the two runs whose difference is what a day takes.
FEW, MANY = 5, 25
# The table of the comparison with BoARIO, and the one that is tiled to it.
REGIONS, SECTORS = 44, 56
SMALL_REGIONS, SMALL_SECTORS = 6, 8
FIRMS_OF_GOAL, LINK_DAY_GOAL, BOARIO_GOAL = 100_000, 15e-9, 8.0
BOARIO = "BoARIO 0.7.2"


def rows(sizes: Sequence[int], *, repeat: int = 3) -> Iterator[Row]:
    """A day of so many firms under two rationings, and a day of a table of regions and sectors."""
    for size in sizes:
        network = traded(size)
        yield _firms(network, repeat)
        yield _smallest(network, repeat)
    large = max(sizes) >= 1000
    table = tiled(REGIONS, SECTORS) if large else tiled(SMALL_REGIONS, SMALL_SECTORS)
    yield _table(table, repeat)
    yield _boario(table, repeat, goal=large)


def traded(firms: int) -> SupplyNetwork:
    """The synthetic network of trade; every slot holds 15 days."""
    trade = synthetic(firms, leak=0.3)
    final = trade.revenue - np.bincount(trade.supplier, trade.value, minlength=firms)
    return supply_network(trade.supplier, trade.buyer, trade.value, trade.industry, final=np.maximum(0.0, final))


def struck(network: SupplyNetwork, days: int) -> Damage:
    """Every twentieth firm at half for good."""
    firms = np.arange(0, network.firms, 20)
    return Damage(firms, np.full((days, firms.size), 0.5), np.empty(0, dtype=np.intp), np.empty((days, 0)))


def tiled(regions: int, sectors: int, *, seed: int = 1) -> CountryTable:
    """A small seeded table repeated to so many regions and sectors."""
    rng = np.random.default_rng(seed)
    small = SMALL_REGIONS * SMALL_SECTORS
    flows, users = rng.lognormal(3.0, 2.0, (small, small)), rng.lognormal(6.0, 1.0, (small, SMALL_REGIONS))
    region, sector = np.repeat(np.arange(regions), sectors), np.tile(np.arange(sectors), regions)
    source = region % SMALL_REGIONS * SMALL_SECTORS + sector % SMALL_SECTORS
    purchases = flows[np.ix_(source, source)]
    # So much final demand that every industry adds value.
    final = users[source][:, np.arange(regions) % SMALL_REGIONS]
    final *= (purchases.sum(axis=1) + purchases.sum(axis=0))[:, None] / final.sum(axis=1)[:, None]
    return country_table(
        countries=[f"r{k:02d}" for k in range(regions)],
        sectors=[f"s{k:02d}" for k in range(sectors)],
        country=region,
        sector=sector,
        purchases=purchases,
        output=purchases.sum(axis=1) + final.sum(axis=1),
        final=final,
    )


def boario_days(table: CountryTable, days: int) -> tuple[float, Floats, Floats]:
    """(seconds of a day, [days, n] capacity lost, [days, n] output) of BoARIO with the first region at half for 5 days.

    Needs boario, pymrio and progressbar2, which boario forgets to ask for. Seconds are those of the quickest day.
    """
    pd, pymrio, event = (import_module(name) for name in ("pandas", "pymrio", "boario.event"))
    model, simulation = import_module("boario.extended_models"), import_module("boario.simulation")
    names = pd.MultiIndex.from_product([table.countries, table.sectors], names=["region", "sector"])
    users = pd.MultiIndex.from_product([table.countries, ["final"]], names=["region", "category"])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        system = pymrio.IOSystem(
            Z=pd.DataFrame(table.purchases, index=names, columns=names),
            Y=pd.DataFrame(table.final, index=names, columns=users),
        ).calc_all()
        run = simulation.Simulation(model.ARIOPsiModel(system), n_temporal_units_to_sim=days, register_stocks=False)
        hit = pd.Series(0.5, index=names[: len(table.sectors)])
        run.add_event(event.from_series(hit, event_type="arbitrary", occurrence=1, duration=5, recovery_tau=2))
        seconds, lost, output = [], [], []
        for _ in range(days):
            started = time.perf_counter()
            run.next_step()
            seconds.append(time.perf_counter() - started)
            lost.append(run.model.prod_cap_delta_tot.copy())
            output.append(run.model.production.copy())
    return min(seconds), np.array(lost), np.array(output)


def _day(network: SupplyNetwork, rationing: Rationing, repeat: int) -> float:
    damage = struck(network, MANY)
    return marginal(lambda days: simulate(network, damage, days=days, rationing=rationing), FEW, MANY, repeat)


def _row(network: SupplyNetwork, rationing: Rationing, seconds: float, **more: object) -> Row:
    each = seconds / network.links
    aimed = network.firms == FIRMS_OF_GOAL and rationing == "proportional"
    return Row(
        model="inventory",
        question=f"a day of orders, output and rationing ({rationing})",
        size=f"{network.firms:,} firms / {network.links:,} links",
        seconds=seconds,
        goal="<= 15 ns a link and day" if aimed else "",
        met=each <= LINK_DAY_GOAL if aimed else None,
        memory_mib=peak_mib(),
        note=f"{each * 1e9:.1f} ns a link and day",
        **more,  # type: ignore[arg-type]
    )


def _firms(network: SupplyNetwork, repeat: int) -> Row:
    seconds = _day(network, "proportional", repeat)
    damage = struck(network, MANY)

    def plain(days: int) -> Floats:
        return firms_by_columns(network, damage, days, target=AUTHORS_TARGET_DAYS, tau=AUTHORS_TAU)

    apart = np.abs(simulate(network, damage, days=MANY, rates=True).rates - plain(MANY)).max()
    return _row(
        network,
        "proportional",
        seconds,
        reference="NumPy, whole columns",
        reference_seconds=marginal(plain, 2, 6, 1),
        difference=float(apart),
    )


def _smallest(network: SupplyNetwork, repeat: int) -> Row:
    return _row(network, "smallest", _day(network, "smallest", repeat))


def _hit(table: CountryTable, days: int) -> Floats:
    loss = np.zeros((days, table.output.size))
    loss[2:7, table.country == 0] = 0.5
    return loss


def _table_day(table: CountryTable, repeat: int) -> float:
    return marginal(lambda days: simulate_table(table, _hit(table, days)), FEW, MANY, repeat)


def _size(table: CountryTable) -> str:
    return f"{len(table.countries)} regions x {len(table.sectors)} sectors"


def _table(table: CountryTable, repeat: int) -> Row:
    found = simulate_table(table, _hit(table, MANY)).output
    plain, expected = best(lambda: table_by_matrices(table, _hit(table, 6)), 1, warm=False)
    return Row(
        model="inventory",
        question="a day of a table",
        size=_size(table),
        seconds=_table_day(table, repeat),
        reference="NumPy, whole matrices",
        reference_seconds=plain / 6,
        difference=float(np.abs(found[:6] / expected - 1.0).max()),
        memory_mib=peak_mib(),
    )


def _boario(table: CountryTable, repeat: int, *, goal: bool) -> Row:
    aim = f">= {BOARIO_GOAL:g}x, same totals" if goal else ""
    seconds = _table_day(table, repeat)
    if find_spec("boario") is None:
        return Row(
            "inventory", "a day of a table", _size(table), seconds, f"{BOARIO} (not installed)", goal=aim,
            note="pip install boario==0.7.2 pymrio progressbar2 to compare",
        )  # fmt: skip
    plain, lost, expected = boario_days(table, 12)
    found = simulate_table(table, lost).output
    apart = float(np.abs(found.sum(axis=1) / expected.sum(axis=1) - 1.0).max())
    return Row(
        model="inventory",
        question="a day of a table",
        size=_size(table),
        seconds=seconds,
        reference=BOARIO,
        reference_seconds=plain,
        difference=apart,
        goal=aim,
        met=plain / seconds >= BOARIO_GOAL and apart <= 1e-9 if goal else None,
        memory_mib=peak_mib(),
        note=f"totals of output differ by {apart:.0e} at most, relative",
    )
