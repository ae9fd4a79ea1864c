"""What `ballast dependence` prints: short tables of what stands out, then what the answer rests on."""

from collections.abc import Iterator, Mapping, Sequence

import polars as pl

from ballast.cli.runs import counted, table_lines

__all__ = ["say"]

SHOWN = 15
ROWS = 40
Frames = Mapping[str, pl.DataFrame]


def say(kind: str, run: Mapping[str, object], frames: Frames) -> Iterator[str]:
    """The lines of the answer on a source of that kind."""
    by_kind = {"tables": _network, "chips": _items, "minerals": _items, "world": _world, "mrio": _world}
    yield from by_kind[kind](run, frames)
    yield from _indicators(frames["indicators"])


def _network(run: Mapping[str, object], frames: Frames) -> Iterator[str]:
    home = run["home"] or "each country its own"
    sizes = ", ".join(counted(int(str(run[name])), noun) for name, noun in _SIZES)
    yield f"{sizes}; one source is one {run['by']}, home: {home}"
    certain, possible = run["slots_single_source"], run["slots_possibly_single_source"]
    yield f"Inputs with a single source: {certain} for certain, {possible} more possibly"
    points = frames["choke_points"]
    if points.height:
        yield from ("", "What one loss cuts")
        head = ("source", "reading", "product", "sites", "output a day")
        columns = ("source", "reading", "product", "sites", "output_value")
        rows = [
            (source, reading, product or "", f"{sites:,}", f"{value:,.2f}")
            for source, reading, product, sites, value in points.select(columns).head(SHOWN).iter_rows()
        ]
        yield from _table(head, rows, points.height, right=(-1, -2))
    yield from ("", "Foreign share by site")
    sites = frames["dependence"].filter(pl.col("product").is_null())
    yield from _foreign(sites.sort(["through_high", "through_low", "subject"], descending=[True, True, False]), SHOWN)
    yield from _network_basis(run)


_SIZES = (("sites", "site"), ("slots", "input"), ("links", "link"))


def _network_basis(run: Mapping[str, object]) -> Iterator[str]:
    if run["links_share_unknown"]:
        yield f"\nLinks of unknown quantity: {run['links_share_unknown']}; what they bring is known within bounds."
    if run["slots_partly_outside"]:
        yield f"\nInputs partly from outside the tables: {run['slots_partly_outside']}; their origin is open: bounds."
    if run["slots_without_source"]:
        yield f"\nInputs that no source reaches, or that nothing supplies: {run['slots_without_source']}."
    if run["inferred_share"]:
        yield f"\n{run['inferred_share']:.1%} of the flow runs over inferred links."


def _items(run: Mapping[str, object], frames: Frames) -> Iterator[str]:
    table = frames["concentration"]
    latest = table.filter(pl.col("year").is_null() | (pl.col("year") == pl.col("year").max().over("product")))
    known = latest.filter(pl.col("unknown_share") < 1.0)
    items = counted(int(str(run["items"])), "item")
    unknown = latest.height - known.height
    yield f"{items}; no share is known of {unknown}: how concentrated they are is unknown" if unknown else items
    yield ""
    known = known.sort(["largest_low", "product"], descending=[True, False])
    rows = [
        (
            row["product"],
            row["name"] if row["name"] != row["product"] else "",
            str(row["year"] or ""),
            row["largest_source"] or "?",
            _percent(row["largest_low"], row["largest_high"]),
            _range(row["effective_low"], row["effective_high"]),
        )
        for row in known.head(ROWS).iter_rows(named=True)
    ]
    head = ("item", "name", "year", "largest", "share", "effective sources")
    yield from _table(head, rows, known.height, right=(-1, -2))
    noted = known.head(ROWS).filter(pl.col("note") != "")
    for note in noted["note"].unique().sort():
        yield f"Note, {note}: {', '.join(noted.filter(pl.col('note') == note)['product'])}"
    for line in run["left_out"] if isinstance(run["left_out"], list) else ():
        yield f"Left out: {line}"


def _world(run: Mapping[str, object], frames: Frames) -> Iterator[str]:
    table = frames["dependence"]
    yield f"{counted(table.height, 'country-sector')}, home: {run['home'] or 'each country its own'}"
    yield ""
    if run["home"]:
        yield from _foreign(table.filter(pl.col("through_low").is_not_null()))
    else:
        yield from _foreign(table.sort(["foreign_value_added", "subject"], descending=[True, False], nulls_last=True))


def _foreign(table: pl.DataFrame, most: int = ROWS) -> Iterator[str]:
    if not table.height:
        yield "Nothing in the home takes any input."
        return
    rows = [
        (
            row["subject"],
            str(row["year"] or ""),
            row["home"],
            _percent(row["face_low"], row["face_high"]),
            _percent(row["through_low"], row["through_high"]),
            _percent(row["foreign_value_added"], row["foreign_value_added"]),
            row["largest_foreign"] or "",
        )
        for row in table.head(most).iter_rows(named=True)
    ]
    head = ("subject", "year", "home", "face value", "looked through", "value added", "largest foreign")
    keep = [k for k in range(len(head)) if any(row[k] for row in rows) or k == 0]
    shown = [tuple(row[k] for k in keep) for row in rows]
    right = [at for at, k in enumerate(keep) if k in (3, 4, 5)]
    yield from _table([head[k] for k in keep], shown, table.height, right=right)


def _indicators(table: pl.DataFrame) -> Iterator[str]:
    """How often each test says yes, unknown and no."""
    if not table.height:
        return
    yield from ("", "Indicators above their limit")
    counts = table.group_by("pack", "test", "limit", maintain_order=True).agg(
        *[(pl.col("verdict") == said).sum().alias(said) for said in ("yes", "unknown", "no")]
    )
    rows = [
        (pack, test or "all tests of the pack", "" if limit is None else f"{limit:g}", str(yes), str(unknown), str(no))
        for pack, test, limit, yes, unknown, no in counts.sort("pack", maintain_order=True).iter_rows()
    ]
    yield from table_lines(("pack", "test", "limit", "yes", "unknown", "no"), rows, right=(2, 3, 4, 5))


def _table(head: Sequence[str], rows: Sequence[Sequence[str]], total: int, *, right: Sequence[int]) -> Iterator[str]:
    yield from table_lines(head, rows, right=right)
    if total > len(rows):
        yield f"... and {total - len(rows)} more; --out or --json gives all."


def _percent(low: float | None, high: float | None) -> str:
    """A share with its bounds: 61.0 %, 61.0-70.0 %."""
    if low is None or high is None:
        return ""
    return f"{low:.1%}" if high - low < 5e-4 else f"{low:.1%}-{high:.1%}"


def _range(low: float | None, high: float | None) -> str:
    if low is None:
        return ""
    if high is None:
        return f"{low:.2f} or more"
    return f"{low:.2f}" if high - low < 5e-3 else f"{low:.2f}-{high:.2f}"
