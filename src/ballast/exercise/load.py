"""Put an exercise into the database of a demo: the register, reports, cases, people, lamps and a forecast.

Rows go in by bulk, past the services, in one transaction: 25,000 links through services would take an hour.
What the services would compute (lamps, forecast, output at risk) is then computed by them.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

import polars as pl
from django.db import models, transaction

from ballast.areas.alerts.services import relight
from ballast.areas.audit.services import record
from ballast.areas.briefs.models import Brief
from ballast.areas.briefs.services import make_brief
from ballast.areas.bulk import analyze
from ballast.areas.chains.models import ForecastRun
from ballast.areas.chains.services import run_forecast
from ballast.areas.dispatch.models import Sheet
from ballast.areas.dispatch.services import make_sheet
from ballast.areas.exchange.models import Receipt
from ballast.areas.reference.models import Authority, Product
from ballast.areas.reference.selectors import now, today
from ballast.areas.reference.services import load_reference, set_authority
from ballast.areas.registry.models import Chain, Enterprise, Event, Link, Need, Site
from ballast.areas.reports.models import OperatingReport, StockReport
from ballast.areas.reports.turns import turns
from ballast.exercise.cases import load_cases
from ballast.exercise.materials import load_materials, load_reviews
from ballast.exercise.measures import load_measures
from ballast.exercise.people import make_people
from ballast.exercise.replay import DAY0, HISTORY_DAYS, Exercise, generate
from ballast.exercise.sources import CHAINS
from ballast.exercise.words import Language

__all__ = ["complete", "install", "installed"]

_BATCH = 2000
_ACTOR = "exercise"
Progress = Callable[[str], None]
_Row = TypeVar("_Row", bound=models.Model)


def installed() -> dict[str, Any] | None:
    """Counts of the exercise in this database, None when there is none."""
    receipt = Receipt.objects.filter(actor=_ACTOR).first()
    return dict(receipt.counts) if receipt else None


def install(
    size: str,
    *,
    password: str,
    seed: int = 2022,
    language: Language = "en",
    progress: Progress = lambda _: None,
) -> dict[str, Any]:
    """Load an exercise into an empty database and compute lamps and forecast; the counts of what was loaded.

    The people of the exercise write in `language`.

    All or nothing: a stop in the middle leaves the database as it was. Raises ValueError when it holds data.
    """
    if Enterprise.objects.exists():
        msg = "The database already holds enterprises. Choose another data folder, or start with --fresh."
        raise ValueError(msg)
    with transaction.atomic():
        load_reference()
        _authority()
        at = now().astimezone(dt.timezone(dt.timedelta(hours=8)))
        exercise = generate(size, seed, at=at, language=language)
        counts = _load(exercise, password, progress)
        analyze()
        progress("lighting the lamps of the last days")
        _light(exercise)
        record("exercise.loaded", _ACTOR, subject_type="exercise", subject_id=size, detail={**counts, "seed": seed})
        Receipt.objects.create(digest=exercise.digest, loaded_at=now(), actor=_ACTOR, counts=counts)
        analyze()
    complete(progress)
    analyze()
    return counts


def complete(progress: Progress = lambda _: None) -> None:
    """Compute the forecast and make brief and dispatch sheet of the whole if a stop after the load has left none."""
    if not ForecastRun.objects.filter(is_current=True).exists():
        progress("computing the first forecast")
        run_forecast(actor=_ACTOR)
    if not Brief.objects.exists():
        progress("issuing the first brief")
        make_brief(today(), "/", actor=_ACTOR)
    if not Sheet.objects.exists():
        progress("making the first dispatch sheet")
        make_sheet("/", actor=_ACTOR)


def _authority() -> Authority:
    return set_authority(
        _ACTOR,
        name="Example Ministry of Industry (exercise)",
        name_zh="示例工业主管部门（演练）",
        currency="CNY",
        calendar="cn",
        time_zone="Asia/Shanghai",
        is_exercise=True,
        exercise_date=DAY0,
    )


def _load(exercise: Exercise, password: str, progress: Progress) -> dict[str, Any]:
    frames = exercise.frames
    progress(f"{frames['enterprises'].height:,} enterprises and {frames['sites'].height:,} sites")
    Product.objects.bulk_create(
        Product(code=r["product"], name=r["name"], name_zh=r["name_zh"], unit_id=r["unit"], industry_code=r["industry"])
        for r in frames["products"].iter_rows(named=True)
    )
    enterprises = _enterprises(exercise)
    sites = _sites(frames["sites"], enterprises)
    progress(f"{frames['needs'].height:,} needs and {frames['links'].height:,} links")
    needs = _needs(frames["needs"], sites)
    _links(frames["links"], sites)
    _bulk(Event(**{**r, "case_id": r["case_id"] or ""}) for r in frames["events"].iter_rows(named=True))
    progress(f"{exercise.stock_history.height:,} stock reports and {exercise.operating.height:,} operating reports")
    _stock_reports(exercise.stock_history, needs)
    _operating_reports(exercise.operating, enterprises)
    progress(f"{len(exercise.stories):,} cases and the people who work on them")
    provinces = sorted({s.lead_region for s in exercise.stories})
    people = make_people(password, reporter=exercise.reporter, provinces=provinces, language=exercise.language)
    load_cases(exercise, people)
    load_materials(exercise.seed, set(frames["products"]["product"]))
    load_reviews(people["analyst"], DAY0, exercise.language)
    load_measures()
    counts = {name: frame.height for name, frame in frames.items()}
    chosen = {"size": exercise.size.code, "language": exercise.language, "seed": exercise.seed}
    return {**chosen, **counts, "cases": len(exercise.stories)}


def _bulk(rows: Iterable[_Row]) -> list[_Row]:
    """Create the rows in batches; all of them, with their keys."""
    made = list(rows)
    if made:
        type(made[0])._default_manager.bulk_create(made, batch_size=_BATCH)
    return made


def _enterprises(exercise: Exercise) -> dict[str, int]:
    panels = dict(exercise.panels.iter_rows())
    newest = exercise.operating.sort("day").group_by("enterprise_id", maintain_order=True).last()
    state = {r["enterprise_id"]: (r["operation"], r["reported_at"]) for r in newest.iter_rows(named=True)}
    rows = _bulk(
        Enterprise(
            enterprise_id=r["enterprise_id"],
            name=r["name"],
            name_zh=r["name_zh"],
            region_id=r["region"],
            industry_id=r["industry"],
            identifier=r["identifier"],
            size=r["size"],
            key_list=r["key_list"],
            key_batch=r["key_batch"],
            panels=panels[r["enterprise_id"]],
            operation=state[r["enterprise_id"]][0],
            operation_reported_at=state[r["enterprise_id"]][1],
        )
        for r in exercise.frames["enterprises"].iter_rows(named=True)
    )
    keys = {row.enterprise_id: row.pk for row in rows}
    Chain.objects.bulk_create(Chain(code=c, name=name, name_zh=name_zh) for c, (name, name_zh) in CHAINS.items())
    member = Enterprise.chains.through
    chains = exercise.frames["enterprises"].select("enterprise_id", "chains").iter_rows()
    _bulk(member(enterprise_id=keys[e], chain_id=code) for e, text in chains for code in text.split(";"))
    return keys


def _sites(frame: pl.DataFrame, enterprises: dict[str, int]) -> dict[str, int]:
    plain = ("site_id", "name", "name_zh", "daily_output_value", "recovery_days", "latitude", "longitude")
    rows = _bulk(
        Site(
            enterprise_id=enterprises[r["enterprise_id"]],
            region_id=r["region"],
            product_id=r["product"],
            **{key: r[key] for key in plain},
        )
        for r in frame.iter_rows(named=True)
    )
    return {row.site_id: row.pk for row in rows}


def _needs(frame: pl.DataFrame, sites: dict[str, int]) -> dict[tuple[str, str], Need]:
    plain = ("daily_use", "stock", "blocked_stock", "in_transit", "stock_upper", "essential", "substitutable_share")
    keys = list(zip(frame["site_id"], frame["product"], strict=True))
    rows = _bulk(
        Need(
            site_id=sites[r["site_id"]],
            product_id=r["product"],
            unit_id=r["unit"],
            # A stock that nobody reported has no time of report either.
            reported_at=None if r["stock"] is None else r["reported_at"],
            **{key: r[key] for key in plain},
        )
        for r in frame.iter_rows(named=True)
    )
    Site.objects.count_inputs()
    return dict(zip(keys, rows, strict=True))


def _links(frame: pl.DataFrame, sites: dict[str, int]) -> None:
    _bulk(
        Link(
            supplier_id=sites[r["supplier_site"]],
            customer_id=sites[r["customer_site"]],
            product_id=r["product"],
            daily_quantity=r["daily_quantity"],
            lead_days=r["lead_days"],
            provenance=r["provenance"],
            as_of=r["as_of"],
        )
        for r in frame.iter_rows(named=True)
    )


def _stock_reports(frame: pl.DataFrame, needs: dict[tuple[str, str], Need]) -> None:
    plain = ("day", "stock", "blocked_stock", "in_transit", "daily_use", "reported_at")
    _bulk(
        StockReport(need=needs[r["site_id"], r["product"]], source="upload", **{key: r[key] for key in plain})
        for r in frame.iter_rows(named=True)
    )


def _operating_reports(frame: pl.DataFrame, enterprises: dict[str, int]) -> None:
    plain = ("day", "operation", "staff_share", "capacity_share", "reported_at", "turn")
    in_order = frame.sort("enterprise_id", "day")
    turned = pl.col("operation").map_batches(lambda states: pl.Series(list(turns(states))), pl.Int64)
    _bulk(
        OperatingReport(enterprise_id=enterprises[r["enterprise_id"]], source="page", **{k: r[k] for k in plain})
        for r in in_order.with_columns(turn=turned.over("enterprise_id")).iter_rows(named=True)
    )


def _light(exercise: Exercise) -> None:
    """Lamps as they were lit day by day: the rule judges the stocks of each of the last days in turn.

    Only needs whose stock has been running down or whose report is late change in between; the others are
    judged once at the start and once today, so that every lamp says since when truly.
    """
    at = now()
    keys = {(site, product): pk for pk, site, product in Need.objects.values_list("pk", "site__site_id", "product_id")}
    history: dict[int, dict[int, float]] = {}
    for row in exercise.stock_history.iter_rows(named=True):
        back = (DAY0 - row["day"]).days
        history.setdefault(keys[row["site_id"], row["product"]], {})[back] = row["stock"]
    late = [n for n, days in history.items() if min(days) > 0]
    moving = {need: days for need, days in history.items() if len(days) > 1}
    present = dict(Need.objects.filter(pk__among=moving).values_list("pk", "stock"))
    for back in range(HISTORY_DAYS - 1, 0, -1):
        _set_stocks({n: days[min(b for b in days if b >= back)] for n, days in moving.items() if max(days) >= back})
        relight(None if back == HISTORY_DAYS - 1 else [*moving, *late], at=at - dt.timedelta(days=back))
    _set_stocks(present)
    relight(at=at)


def _set_stocks(stocks: Mapping[int, float | None]) -> None:
    Need.objects.bulk_update([Need(pk=pk, stock=stock) for pk, stock in stocks.items()], ["stock"], batch_size=500)
