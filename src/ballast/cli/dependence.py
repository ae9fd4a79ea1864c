"""`ballast dependence`: concentration, choke points and foreign dependence, from tables or published data sets."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import click
import polars as pl

from ballast import __version__
from ballast.cli.dependence_text import say
from ballast.cli.runs import Clock, answers, ask, basis, give, refuse_unknown, usage
from ballast.tables.answers.dependence import Dependence, Weighing
from ballast.tables.answers.places import UNITS, Home, Unit
from ballast.tables.answers.shares import share_frames, share_summary
from ballast.tables.answers.world import world_frames, world_summary
from ballast.tables.economies import home_codes
from ballast.tables.importers import KINDS, digest_of, kind_of
from ballast.tables.importers.chips import read_chips
from ballast.tables.importers.minerals import read_minerals
from ballast.tables.importers.world import read_mrio, read_world, years_of
from ballast.tables.packs import Pack, packs, read_pack

__all__ = ["dependence"]

Answer = tuple[dict[str, object], dict[str, pl.DataFrame]]


@dataclass(frozen=True)
class Asked:
    """The options of one run."""

    date: str | None
    by: Unit
    home: tuple[str, ...]
    weigh: Weighing
    years: tuple[int, ...]
    packs: tuple[Pack, ...]


@click.command()
@answers
@click.option(
    "--source",
    type=click.Choice(["tables", *KINDS]),
    help="What FOLDER holds; found by its files when not given.",
)
@click.option("--by", type=click.Choice(UNITS), default="site", show_default=True, help="What counts as one source.")
@click.option("--home", multiple=True, metavar="CODE", help="Country, region or group (EU) that counts as home.")
@click.option(
    "--weigh",
    type=click.Choice(["equal", "value"]),
    default="equal",
    show_default=True,
    help="How inputs weigh: all alike, or as used, where needs and output are in one money.",
)
@click.option("--year", "years", type=int, multiple=True, help="Year of a world table; default all.")
@click.option(
    "--pack", "chosen", multiple=True, metavar="PACK", help="Indicator pack, or a TOML file of your own; default all."
)
def dependence(
    folder: Path,
    date: str | None,
    out: Path | None,
    file_format: str,
    as_json: bool,
    source: str | None,
    by: str,
    home: tuple[str, ...],
    weigh: str,
    years: tuple[int, ...],
    chosen: tuple[str, ...],
) -> None:
    """Say where FOLDER's supply hangs on one source or on other countries.

    FOLDER holds the tables sites, needs and links, or a published data set: the chip chain (chips), critical minerals
    (minerals), the World Input-Output Database (world) or pymrio's test table (mrio). With --out, writes
    concentration, dependence, choke_points, indicators and run.json there. Unknown shares give bounds, never zeros.

    Exit codes: 0 answered, 2 bad input or usage.
    """
    kind = source or kind_of(folder)
    with usage():
        asked = Asked(date, cast(Unit, by), home, cast(Weighing, weigh), years, _packs(chosen))
        run, frames = _tables(folder, asked) if kind == "tables" else _published(folder, kind, asked)
    give(run, frames, out=out, file_format=file_format, as_json=as_json)
    if not as_json:
        for line in say(kind, run, frames):
            click.echo(line)
        if out is not None:
            click.echo(f"\nWritten to {out}: {', '.join(frames)}, run.json")


def _packs(chosen: tuple[str, ...]) -> tuple[Pack, ...]:
    known = packs()
    own = {name: read_pack(Path(name)) for name in chosen if name.endswith(".toml")}
    refuse_unknown([name for name in chosen if name not in own], list(known), what="packs", option="--pack")
    return tuple(own[name] if name in own else known[name] for name in chosen or known)


def _tables(folder: Path, asked: Asked) -> Answer:
    question = ask(folder, asked.date)
    enterprise = dict(question.frames["sites"].select("site_id", "enterprise_id").iter_rows())
    found = Dependence(
        question.network,
        [enterprise[site] or "" for site in question.network.site_ids],
        by=asked.by,
        home=_home(asked.home, question.day0),
        weigh=asked.weigh,
        packs=asked.packs,
    )
    with question.clock.step("dependence"):
        frames, summary = found.frames, found.summary
    return basis(question, **summary), frames


def _published(folder: Path, kind: str, asked: Asked) -> Answer:
    """A data set as it is published; options that have no meaning there are refused."""
    clock = Clock()
    for name, given, kinds in (("--home", asked.home, ("world", "mrio")), ("--year", asked.years, ("world",))):
        if given and kind not in kinds:
            msg = f"{kind} data cannot answer it. Leave it out."
            raise click.BadParameter(msg, param_hint=name)
    with clock.step("dependence"):
        summary, frames = _shares(folder, kind, asked) if kind in ("chips", "minerals") else _world(folder, kind, asked)
    run: dict[str, object] = {"ballast": __version__, "source": kind, "files": digest_of(folder, kind)}
    run |= summary | {"packs": [pack.code for pack in asked.packs]}
    return run | {"seconds": clock.seconds}, frames


def _shares(folder: Path, kind: str, asked: Asked) -> Answer:
    rows, left_out = (read_chips(folder), list[str]()) if kind == "chips" else read_minerals(folder)
    frames = share_frames(rows, asked.packs)
    return share_summary(frames, left_out=left_out), frames


def _world(folder: Path, kind: str, asked: Asked) -> Answer:
    years: Sequence[int | None] = [None] if kind == "mrio" else asked.years or years_of(folder)
    tables = {year: read_mrio(folder) if year is None else read_world(folder, year) for year in years}
    # A group has the members that it had at the end of the last year.
    end = dt.date(max((year for year in years if year), default=1), 12, 31)
    home = _region(asked.home) if kind == "mrio" else _home(asked.home, end)
    homes: Mapping[str, frozenset[str]] = {home.name: home.codes} if home else {}
    frames = world_frames(tables, homes, asked.packs)
    return {"home": home.name if home else ""} | world_summary(tables), frames


def _home(given: tuple[str, ...], on: dt.date) -> Home | None:
    """The home that the codes name; regions of a table folder stay codes of regions."""
    regions = frozenset(name for name in given if name[:1].isdigit() or "-" in name)
    countries = home_codes((name for name in given if name not in regions), on=on)
    return Home("+".join(given), regions | countries) if given else None


def _region(given: tuple[str, ...]) -> Home | None:
    return Home("+".join(given), frozenset(given)) if given else None
