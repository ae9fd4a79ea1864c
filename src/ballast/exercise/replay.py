"""Put the parts together: one exercise as tables, the same for the same size and seed."""

import datetime as dt
import hashlib
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from ballast.exercise.disruption import Stocks, draw_events, draw_stocks, draw_threads, event_rows
from ballast.exercise.lists import Lists, draw_lists
from ballast.exercise.population import Population, populate
from ballast.exercise.sizes import SIZES, Size
from ballast.exercise.sources import products
from ballast.exercise.stories import Story, write_stories
from ballast.exercise.wiring import Wiring, significant, wire
from ballast.exercise.words import Language

__all__ = ["DAY0", "HISTORY_DAYS", "Exercise", "generate"]

DAY0 = dt.date(2022, 4, 28)
HISTORY_DAYS = 11
_SHANGHAI = dt.timezone(dt.timedelta(hours=8))


@dataclass(frozen=True)
class Exercise:
    """An exercise: `frames` are the tables of a folder, the rest is what a running desk has besides."""

    size: Size
    seed: int
    frames: dict[str, pl.DataFrame]
    # enterprise_id, day, operation, staff_share, capacity_share, reported_at
    operating: pl.DataFrame
    # site_id, product, day, stock, blocked_stock, in_transit, daily_use, reported_at
    stock_history: pl.DataFrame
    # enterprise_id, panels
    panels: pl.DataFrame
    stories: list[Story] = field(repr=False)
    # Enterprise of the demo's reporter: low stocks, one case in work, one that waits for its word.
    reporter: str
    # Of the texts that enterprises and officers wrote.
    language: Language = "en"

    @property
    def digest(self) -> str:
        """SHA-256 over all tables and stories."""
        found = hashlib.sha256()
        tables = {**self.frames, "operating": self.operating, "stock": self.stock_history, "panels": self.panels}
        for name, frame in sorted(tables.items()):
            found.update(f"{name}\n{frame.write_csv()}".encode())
        found.update(repr(self.stories).encode())
        return found.hexdigest()


def generate(
    size: str = "m", seed: int = 2022, *, at: dt.datetime | None = None, language: Language = "en"
) -> Exercise:
    """One exercise. `at` is the time of day until which today's reports have come in (default 08:40).

    `language` is that of the free texts; everything else stays the same.
    Raises KeyError for a size that is not s, m or l.
    """
    spec = SIZES[size]
    streams = np.random.SeedSequence([seed, spec.enterprises]).spawn(7)
    people_rng, wire_rng, list_rng, event_rng, stock_rng, time_rng, story_rng = map(np.random.default_rng, streams)
    people = populate(spec, people_rng)
    wiring = wire(people, wire_rng)
    lists = draw_lists(people, wiring, list_rng)
    threads = draw_threads(people, wiring, lists, event_rng)
    events = draw_events(people, lists, threads, event_rng)
    stocks = draw_stocks(people, wiring, events, threads, stock_rng)
    at = at or dt.datetime.combine(DAY0, dt.time(8, 40), _SHANGHAI)
    reported = _report_times(stocks.report_age, at, time_rng)
    needs = _needs(people, wiring, stocks, reported)
    stories, reporter = write_stories(people, wiring, lists, events, stocks, at, story_rng, language=language)
    cases = {s.event_id: s.number for s in stories if s.event_id and s.is_open}
    return Exercise(
        size=spec,
        seed=seed,
        frames=_register(people, wiring, lists, time_rng)
        | {"needs": needs, "events": pl.DataFrame(event_rows(events, DAY0, cases))},
        operating=_operating(people, lists, reported, at, time_rng),
        stock_history=_stock_history(needs, stocks, wiring),
        panels=pl.DataFrame({"enterprise_id": people.enterprise_ids, "panels": lists.panels}),
        stories=stories,
        reporter=reporter,
        language=language,
    )


def _register(people: Population, wiring: Wiring, lists: Lists, rng: np.random.Generator) -> dict[str, pl.DataFrame]:
    """The tables that stay from day to day."""
    return {
        "products": _products(),
        "enterprises": _enterprises(people, wiring, lists),
        "sites": _sites(people, wiring, rng),
        "links": _links(people, wiring, rng),
    }


def _report_times(age: np.ndarray, at: dt.datetime, rng: np.random.Generator) -> list[dt.datetime]:
    """Time of each site's newest report: today's came within the hours before `at`, older ones in the morning."""
    midnight = dt.datetime.combine(at.date(), dt.time(), at.tzinfo)
    window = max((at - midnight).total_seconds(), 60.0)
    fresh = rng.uniform(max(0.0, window - 10_000), window, len(age))
    stale = rng.uniform(6.5 * 3600, 9.5 * 3600, len(age))
    return [
        (midnight - dt.timedelta(days=int(a))) + dt.timedelta(seconds=int(s if a else f))
        for a, f, s in zip(age, fresh, stale, strict=True)
    ]


def _products() -> pl.DataFrame:
    return pl.DataFrame(
        [
            {"product": p.code, "name": p.name, "name_zh": p.name_zh, "unit": p.unit, "industry": p.industry}
            for p in products().values()
        ]
    )


def _enterprises(people: Population, wiring: Wiring, lists: Lists) -> pl.DataFrame:
    made = [products()[p] for p in people.product[people.home]]
    return pl.DataFrame(
        {
            "enterprise_id": people.enterprise_ids,
            "name": [name for name, _ in people.enterprise_names],
            "name_zh": [name for _, name in people.enterprise_names],
            "region": people.enterprise_region,
            "industry": [p.industry for p in made],
            "identifier": people.identifiers,
            "size": _size_classes(people, wiring),
            "key_list": lists.batch > 0,
            "key_batch": [int(b) or None for b in lists.batch],
            "chains": [p.chain for p in made],
        }
    )


def _size_classes(people: Population, wiring: Wiring) -> np.ndarray:
    """Large, medium, small or micro by the rank of the enterprise's output value; a vehicle group is large."""
    value = np.bincount(people.owner, wiring.output_value, people.size.enterprises)
    rank = np.argsort(np.argsort(-value, kind="stable")) / len(value)
    classes = np.select([rank < 0.08, rank < 0.32, rank < 0.85], ["large", "medium", "small"], "micro")
    return np.where(people.is_group, "large", classes)


def _sites(people: Population, wiring: Wiring, rng: np.random.Generator) -> pl.DataFrame:
    n = len(people.product)
    unknown_value = rng.random(n) < 0.01
    return pl.DataFrame(
        {
            "site_id": people.site_ids,
            "enterprise_id": [people.enterprise_ids[o] for o in people.owner],
            "name": [name for name, _ in people.site_names],
            "name_zh": [name for _, name in people.site_names],
            "region": people.region,
            "product": people.product,
            "daily_output_value": pl.Series(np.where(unknown_value, np.nan, wiring.output_value)).fill_nan(None),
            "recovery_days": rng.integers(0, 4, n),
            "latitude": people.latitude,
            "longitude": people.longitude,
        }
    )


def _needs(people: Population, wiring: Wiring, stocks: Stocks, reported: list[dt.datetime]) -> pl.DataFrame:
    use, site = wiring.slot_use, wiring.slot_site
    unit = [products()[p].unit for p in wiring.slot_product]
    stock = significant(np.nan_to_num(stocks.cover) / (1 - stocks.blocked_share) * use, 4)
    blocked = significant(stock * stocks.blocked_share, 3)
    known = np.isfinite(stocks.cover)
    open_share = np.where(wiring.slot_essential, np.nan, 0.6)
    return pl.DataFrame(
        {
            "site_id": [people.site_ids[s] for s in site],
            "product": wiring.slot_product,
            "daily_use": use,
            "unit": unit,
            "stock": pl.Series(np.where(known, stock, np.nan)).fill_nan(None),
            "blocked_stock": np.where(known, blocked, 0.0),
            "in_transit": significant(stocks.transit_days * use, 3),
            "stock_upper": pl.Series(
                significant(np.nan_to_num(stocks.upper) * use, 4) + np.where(known, np.nan, 0)
            ).fill_nan(None),
            "essential": wiring.slot_essential,
            "substitutable_share": pl.Series(open_share).fill_nan(None),
            "reported_at": pl.Series([reported[s] for s in site]).dt.convert_time_zone("UTC"),
        }
    )


def _links(people: Population, wiring: Wiring, rng: np.random.Generator) -> pl.DataFrame:
    n = len(wiring.link_slot)
    supplier, slot = wiring.link_supplier, wiring.link_slot
    quantity = significant(wiring.link_share * wiring.slot_use[slot], 4)
    quantity[rng.random(n) < 0.04] = np.nan
    provenance = np.array(["reported", "verified", "inferred"])[rng.choice(3, n, p=(0.7, 0.2, 0.1))]
    as_of = [DAY0 - dt.timedelta(int(d)) for d in rng.integers(20, 420, n)]
    return pl.DataFrame(
        {
            "supplier_site": [people.site_ids[s] for s in supplier],
            "customer_site": [people.site_ids[s] for s in wiring.slot_site[slot]],
            "product": wiring.slot_product[slot],
            "daily_quantity": pl.Series(quantity).fill_nan(None),
            "lead_days": wiring.link_lead.astype(float),
            "provenance": provenance,
            "as_of": as_of,
        }
    )


def _operating(
    people: Population, lists: Lists, reported: list[dt.datetime], at: dt.datetime, rng: np.random.Generator
) -> pl.DataFrame:
    """Panel members report each day from 16 April; all others once, with their newest stock report."""
    rows = []
    for e, panel in enumerate(lists.panels):
        when, restart = reported[people.home[e]], int(lists.restart_day[e])
        # A panel is asked by telephone each morning, also about members whose stock report is late.
        last = 0 if panel else -(at.date() - when.date()).days
        when += dt.timedelta(days=last + (at.date() - when.date()).days)
        for day in range(-12 if panel else last, last + 1):
            running = restart <= day
            state = "running" if restart == Lists.RUNNING else ("restarted" if running else "stopped")
            moment = min(when, at) + dt.timedelta(days=day - last)
            share = float(np.clip(0.45 + 0.06 * (day - restart) + rng.normal(0, 0.04), 0.3, 0.95))
            share = round(share if state == "restarted" else (0.9 if running else 0.0), 2)
            rows.append((people.enterprise_ids[e], DAY0 + dt.timedelta(day), state, share, share, moment))
    names = ["enterprise_id", "day", "operation", "staff_share", "capacity_share", "reported_at"]
    return pl.DataFrame(rows, schema=names, orient="row").with_columns(
        pl.col("reported_at").dt.convert_time_zone("UTC")
    )


def _stock_history(needs: pl.DataFrame, stocks: Stocks, wiring: Wiring) -> pl.DataFrame:
    """The newest report of every known stock, and ten earlier days where the stock has been running down."""
    base = needs.with_columns(
        pl.Series("drain", stocks.drain),
        pl.Series("age", stocks.report_age[wiring.slot_site]),
    ).filter(pl.col("stock").is_not_null())
    days = []
    for back in range(HISTORY_DAYS):
        part = (
            base if back == 0 else base.filter((pl.col("drain") > 0.1) & (pl.col("stock") < 12 * pl.col("daily_use")))
        )
        days.append(
            part.select(
                "site_id",
                "product",
                (pl.lit(DAY0) - pl.duration(days=pl.col("age").cast(pl.Int64) + back)).dt.date().alias("day"),
                (pl.col("stock") + back * pl.col("drain") * pl.col("daily_use") * 0.6).round(6).alias("stock"),
                "blocked_stock",
                "in_transit",
                "daily_use",
                (pl.col("reported_at") - pl.duration(days=back)).alias("reported_at"),
            )
        )
    return pl.concat(days)
