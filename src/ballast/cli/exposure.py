"""`ballast exposure`: where the network is one failure, or two, away from a stop."""

from pathlib import Path

import click
import polars as pl

from ballast.cli.runs import Question, answers, ask, basis, counted, give, table_lines, usage
from ballast.cli.scaling import executor_for, scaled, so_far
from ballast.core.parallel import Executor
from ballast.core.stops import single_failures, worst_pairs
from ballast.core.systemic_risk import RANKING, REPORT, Mode, of_sites, systemic_risk
from ballast.tables.answers import stops as answer
from ballast.tables.answers import systemic_risk as systemic

__all__ = ["exposure"]

ACCURACY = {"ranking": RANKING, "report": REPORT}


@click.command()
@answers
@scaled
@click.option(
    "--measure",
    type=click.Choice(["stops", "esri"]),
    default="stops",
    show_default=True,
    help="What a failure is worth: stops and lost output within the horizon, or systemic risk (ESRI).",
)
@click.option(
    "--mode",
    type=click.Choice(["compatible", "exact"]),
    default="compatible",
    show_default=True,
    help="ESRI as its authors compute it, or settled and with bounds.",
)
@click.option(
    "--accuracy",
    type=click.Choice(list(ACCURACY)),
    default="ranking",
    show_default=True,
    help=f"Bounds of exact mode about {RANKING:g} of all output apart (ranking) or {REPORT:g} (report).",
)
@click.option(
    "--order", type=click.IntRange(1, 2), default=1, show_default=True, help="Sites that fail at once: one, or two."
)
@click.option("--horizon", type=click.FloatRange(1, 3660), default=90, show_default=True, help="Days to look ahead.")
@click.option("--top", type=click.IntRange(1, 10_000), default=20, show_default=True, help="Rows shown; pairs sought.")
def exposure(
    folder: Path,
    date: str | None,
    out: Path | None,
    file_format: str,
    as_json: bool,
    cluster: str | None,
    workers: int | None,
    resume: Path | None,
    measure: str,
    mode: Mode,
    accuracy: str,
    order: int,
    horizon: float,
    top: int,
) -> None:
    """Say what stops, and how much output is lost, when each site of FOLDER's network fails by itself.

    A failed site delivers nothing from day 0 on; events are left aside. With --order 2, the pairs of sites whose common
    failure loses most, found exactly. With --measure esri, the part of all output that each failure costs in the end,
    down- and upstream, without stocks and time; in exact mode with bounds. With --out, writes exposure, pairs or esri,
    and run.json there.

    With --cluster or --workers, pieces of the work run there, and the answer is the same to the last digit; with
    --resume, what is done is kept.

    Exit codes: 0 answered, 2 bad input or usage.
    """
    if measure == "esri" and order == 2:
        msg = "esri is asked of single sites. Leave out --order, or take --measure stops."
        raise click.BadParameter(msg, param_hint="--order")
    question = ask(folder, date)
    with executor_for(question.network, cluster, workers, resume) as executor, usage(), question.clock.step(measure):
        if measure == "esri":
            tables, summary = _systemic(question, executor, mode, ACCURACY[accuracy])
        elif order == 1:
            tables, summary = _single(question, executor, horizon)
        else:
            tables, summary = _pairs(question, executor, top, horizon)
    give(basis(question, **summary), tables, out=out, file_format=file_format, as_json=as_json)
    if not as_json:
        name, frame = next(iter(tables.items()))
        _print(question, name, frame.head(top), horizon)
        if out is not None:
            click.echo(f"\nWritten to {out}: {name}, run.json")


def _single(
    question: Question, executor: Executor, horizon: float
) -> tuple[dict[str, pl.DataFrame], dict[str, object]]:
    with so_far("Failing", question.network.sites) as bar:
        found = single_failures(question.network, horizon=horizon, executor=executor, progress=bar)
    return answer.sweep_frames(found, _enterprises(question)), answer.sweep_summary(found)


def _pairs(
    question: Question, executor: Executor, top: int, horizon: float
) -> tuple[dict[str, pl.DataFrame], dict[str, object]]:
    with so_far("Failing in pairs", 3 * question.network.sites) as bar:
        found = worst_pairs(question.network, top=top, horizon=horizon, executor=executor, progress=bar)
    return answer.pair_frames(found), answer.pair_summary(found)


def _systemic(
    question: Question, executor: Executor, mode: Mode, accuracy: float
) -> tuple[dict[str, pl.DataFrame], dict[str, object]]:
    network = of_sites(question.network)
    with so_far("Failing", network.firms) as bar:
        found = systemic_risk(network, mode=mode, accuracy=accuracy, executor=executor, progress=bar)
    return systemic.frames(found, _enterprises(question)), systemic.summary(found)


def _enterprises(question: Question) -> dict[str, str]:
    """Enterprise of each site."""
    sites = question.frames["sites"]
    return dict(zip(sites["site_id"], sites["enterprise_id"], strict=True))


def _print(question: Question, name: str, frame: pl.DataFrame, horizon: float) -> None:
    rows: list[tuple[str, ...]]
    asked = "systemic risk" if name == "esri" else f"{horizon:g} day{'' if horizon == 1 else 's'} from {question.day0}"
    click.echo(f"{counted(question.network.sites, 'site')}, {asked}\n")
    if name == "pairs":
        head: tuple[str, ...] = ("sites that fail", "stops", "lost output", "beyond both alone")
        rows = [
            (
                f"{row['site_id']} + {row['other_site_id']}",
                f"{row['stops']:,}",
                _money(row, "lost_output_value"),
                _money(row, "beyond_sum"),
            )
            for row in frame.iter_rows(named=True)
        ]
        right: tuple[int, ...] = (1, 2, 3)
    elif name == "esri":
        head, rows = _risks(frame)
        right = tuple(range(1, len(head)))
    else:
        head, right = ("site that fails", "stops", "lost output"), (1, 2)
        rows = [
            (str(row["site_id"]), f"{row['stops']:,}", _money(row, "lost_output_value"))
            for row in frame.iter_rows(named=True)
        ]
    for line in table_lines(head, rows, right=right):
        click.echo(line)


def _risks(frame: pl.DataFrame) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Columns and rows of systemic risk; with bounds in exact mode."""
    head: tuple[str, ...] = ("site that fails", "of all output", "downstream", "upstream")
    columns: tuple[str, ...] = ("esri", "downstream", "upstream")
    digits = 2
    if frame["esri_lower"].null_count() < len(frame):
        head, columns, digits = (*head, "at least", "at most"), (*columns, "esri_lower", "esri_upper"), 4
    rows = [
        (
            str(row["site_id"]),
            *("no bound" if row[column] is None else f"{row[column]:.{digits}%}" for column in columns),
        )
        for row in frame.iter_rows(named=True)
    ]
    return head, rows


def _money(row: dict[str, float], column: str) -> str:
    return f"{row[column]:,.2f}"
