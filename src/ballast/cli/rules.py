"""`ballast rules`: check warning rules, test them on series, and see how they would have done."""

import json
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from ballast.areas.alerts.packs import read_pack_file, read_test_file, schemes, shipped_packs, shipped_tests
from ballast.cli.backtest import backtest
from ballast.core.warning import Fault, FaultyFileError, RulePack
from ballast.core.warning.sequences import Miss, Outcome, Refused, Sequences, refuse, run
from ballast.core.warning.timeline import timeline

__all__ = ["rules"]

T = TypeVar("T")

_FILES = click.argument("files", nargs=-1, metavar="[FILE]...", type=click.Path(exists=True, path_type=Path))
_AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group()
def rules() -> None:
    """Warning rules: check them, test them on series, and look at their past."""


rules.add_command(backtest)


@rules.command()
@_FILES
@_AS_JSON
def check(files: tuple[Path, ...], as_json: bool) -> None:
    """Check rule packs (TOML) without using them; without FILE those that are shipped.

    Every fault is named with file, line, key and the value that was given. Exit 0 when all is good, 2 when something
    is wrong. docs/explanation/warning-rules.md describes the packs.
    """
    packs, faults = _read(_all(files, "*.toml", shipped_packs), read_pack_file)
    if as_json:
        click.echo(json.dumps(_checked(packs, faults), ensure_ascii=False, indent=2))
    else:
        for file, pack in packs:
            click.echo(f"{file}: {pack.name} {pack.version}, {_count(len(pack.rules), 'rule')}")
            for rule in pack.rules:
                limits = ", ".join(f"{one.level} {one.said()}" for one in rule.limits)
                click.echo(f"  {rule.name}: {rule.measure} in {rule.unit}, each {rule.period}: {limits}")
        _say(faults)
    sys.exit(2 if faults else 0)


@rules.command()
@_FILES
@click.option("--only", default="", metavar="TEXT", help="Run only the tests that have this text in their name.")
@_AS_JSON
def test(files: tuple[Path, ...], only: str, as_json: bool) -> None:
    """Test rules on series in compact notation; without FILE the tests that are shipped.

    A test gives the values of one subject, such as `5x3 _ 4`, and the states that are expected at times, such as
    `0:normal 2:pending(red) 3:red`. What comes otherwise is shown on a line of time. Exit 0 when all tests hold, 1 when
    one does not, 2 when a file cannot be read. docs/how-to/test-warning-rules.md shows how to write them.
    """
    found, faults = _read(_all(files, "*_test.toml", shipped_tests), read_test_file)
    if faults:
        _say(faults)
        sys.exit(2)
    results = [_tried(sequences, only) for _file, sequences in found]
    count = sum(len(outcomes) + len(refusals) for outcomes, refusals in results)
    if not count:
        message = f"no test has {only!r} in its name; leave --only out to see them all."
        raise click.UsageError(message)
    missed = sum(bool(one.misses) for outcomes, _ in results for one in outcomes)
    missed += sum(bool(misses) for _, refusals in results for _one, misses in refusals)
    if as_json:
        click.echo(json.dumps([_as_json(s, r) for (_, s), r in zip(found, results, strict=True)], ensure_ascii=False))
    else:
        for (_file, sequences), result in zip(found, results, strict=True):
            _show(sequences, *result)
        click.echo(f"{_count(count, 'test')}, {missed} failed.")
    sys.exit(1 if missed else 0)


_Refusals = list[tuple[Refused, list[Miss]]]


def _tried(sequences: Sequences, only: str) -> tuple[list[Outcome], _Refusals]:
    outcomes = [run(one) for one in sequences.tests if only in one.name]
    return outcomes, [(one, refuse(one, schemes())) for one in sequences.refused if only in one.name]


def _show(sequences: Sequences, outcomes: Sequence[Outcome], refusals: _Refusals) -> None:
    for outcome in outcomes:
        _head(sequences.file, outcome.test.name, outcome.test.line, failed=bool(outcome.misses))
        if outcome.misses:
            click.echo("\n".join(timeline(outcome)))
    for one, misses in refusals:
        _head(sequences.file, one.name, one.line, failed=bool(misses))
        for miss in misses:
            click.echo(f"  expected {miss.expected}\n  got      {miss.got}")


def _head(file: str, name: str, line: int, *, failed: bool) -> None:
    click.echo(f"FAILED  {name} ({file}, line {line})" if failed else f"ok      {name}")


def _as_json(sequences: Sequences, result: tuple[list[Outcome], _Refusals]) -> dict[str, Any]:
    outcomes, refusals = result
    named = [(one.test.name, one.test.line, one.misses) for one in outcomes]
    named += [(one.name, one.line, tuple(misses)) for one, misses in refusals]
    tests = [
        {"name": name, "line": line, "good": not misses, "misses": [miss._asdict() for miss in misses]}
        for name, line, misses in named
    ]
    return {"file": sequences.file, "tests": tests}


def _all(files: Iterable[Path], pattern: str, shipped: Callable[[], list[Path]]) -> list[Path]:
    """The files that are meant: those given, those of a folder that is given, or the ones that are shipped."""
    found: list[Path] = []
    for path in files:
        inside = sorted(path.glob(pattern)) if path.is_dir() else [path]
        if not inside:
            message = f"{path} holds no file {pattern}; give another folder or a file."
            raise click.UsageError(message)
        found += inside
    return found or shipped()


def _read(paths: Iterable[Path], read: Callable[[Path], T]) -> tuple[list[tuple[str, T]], list[tuple[str, Fault]]]:
    """What each file holds, and the faults of those that hold nothing that can be used."""
    found, faults = [], []
    for path in paths:
        try:
            found.append((str(path), read(path)))
        except FaultyFileError as error:
            faults += [(error.file, fault) for fault in error.faults]
        except OSError as error:
            faults.append((str(path), Fault(0, "", "", f"cannot be read: {error.strerror}.")))
    return found, faults


def _say(faults: Sequence[tuple[str, Fault]]) -> None:
    for file, fault in faults:
        click.echo(fault.said(file), err=True)
    if faults:
        click.echo(f"{_count(len(faults), 'fault')}.", err=True)


def _checked(packs: Sequence[tuple[str, RulePack]], faults: Sequence[tuple[str, Fault]]) -> dict[str, Any]:
    return {
        "good": not faults,
        "packs": [
            {"file": file, "pack": pack.name, "version": pack.version, "rules": [rule.name for rule in pack.rules]}
            for file, pack in packs
        ],
        "faults": [{"file": file, **fault._asdict()} for file, fault in faults],
    }


def _count(number: int, word: str) -> str:
    return f"{number:,} {word}{'' if number == 1 else 's'}"
