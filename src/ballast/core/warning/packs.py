"""Read rule packs from TOML; every fault is named with file, line, key and the value that was given."""

import datetime as dt
import itertools
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, get_args

from ballast.core.warning.combining import Combined
from ballast.core.warning.measures import MEASURES, SUBJECTS
from ballast.core.warning.rule import Limit, Missing, Rule, Season, Subjects
from ballast.core.warning.scheme import NORMAL, Grade, Scheme
from ballast.core.warning.tables import Table, open_file

__all__ = ["RulePack", "read_rules", "read_schemes"]

_PERIODS: Final = get_args(Rule.__annotations__["period"])
_DAY_OF_YEAR = re.compile(r"(\d\d)-(\d\d)")
_NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")


@dataclass(frozen=True)
class RulePack:
    """The rules of one file, and what holds for all of them."""

    name: str
    version: str
    title: str
    title_zh: str
    rules: tuple[Rule, ...]
    # Line on which each rule begins, in their order.
    lines: tuple[int, ...]
    combined: tuple[Combined, ...] = ()

    def rule(self, name: str) -> Rule:
        """The rule of a name. KeyError with the names there are."""
        for one in self.rules:
            if one.name == name:
                return one
        msg = f"pack {self.name} has no rule {name!r}; it has {', '.join(rule.name for rule in self.rules)}."
        raise KeyError(msg)


def read_schemes(text: str, file: str) -> dict[str, Scheme]:
    """Level schemes by name from a file of [[schemes]]. Raises FaultyFileError with every fault."""
    top = open_file(text, file)
    found = _schemes(top)
    top.done()
    top.stop()
    return found


def read_rules(text: str, file: str, schemes: Mapping[str, Scheme]) -> RulePack:
    """The rule pack that a text in TOML holds; it may use the given schemes beside its own.

    `file` names the text in messages. Raises FaultyFileError with every fault; ValueError without any scheme.
    """
    top = open_file(text, file)
    name, version = _name(top, "pack"), top.text("version")
    title, title_zh = top.text("title"), top.text("title_zh")
    known = {**schemes, **_schemes(top)}
    if not known:
        msg = f"{file}: there is no level scheme; give one under [[schemes]]."
        raise ValueError(msg)
    # With an unknown scheme the rules are read all the same, so that all faults are said at once.
    scheme = known.get(top.choice("scheme", known)) or next(iter(known.values()))
    shared = _Shared(
        version, top.text("authority"), top.text("source"), top.text("source_zh"), *_dates(top), top.text("owner", "")
    )
    tables = list(top.tables("rules"))
    if not tables:
        top.fault("rules", "is missing; a pack has one rule at least, as [[rules]].")
    rules = [_rule(table, scheme, shared) for table in tables]
    _twice(tables, "name")
    joined = _combined(top, [str(table.raw.get("name")) for table in tables])
    top.done()
    top.stop()
    lines = tuple(table.line for table in tables)
    return RulePack(name, version, title, title_zh, tuple(rule for rule in rules if rule), lines, joined)


@dataclass(frozen=True)
class _Shared:
    version: str
    authority: str
    source: str
    source_zh: str
    effective_from: dt.date | None
    effective_until: dt.date | None
    owner: str


def _schemes(top: Table) -> dict[str, Scheme]:
    found = {}
    for table in top.tables("schemes"):
        name = _name(table, "name")
        grades = []
        rows = list(table.tables("levels"))
        for row in rows:
            grade = _name(row, "name")
            if grade == NORMAL:
                row.fault("name", "is what stands below every level; give the level another name.")
            grades.append(Grade(grade, row.text("title"), row.text("title_zh"), row.whole("review_days", None)))
            row.done()
        if not rows:
            table.fault("levels", "is missing; a scheme has one level at least, worst first.")
        _twice(rows, "name")
        # Where the scheme comes from is for readers of the file.
        table.text("source", "")
        table.text("source_zh", "")
        table.done()
        found[name] = Scheme(name, tuple(grades))
    return found


def _combined(top: Table, names: list[str]) -> tuple[Combined, ...]:
    found = []
    for table in top.tables("combined"):
        words = _name(table, "name"), table.text("title"), table.text("title_zh")
        of = table.texts("of")
        for name in of:
            if name not in names:
                table.fault("of", f"is no rule of this pack; it has {', '.join(names)}.", name)
        if len(set(of)) < 2:
            table.fault("of", "has fewer than two rules; a lamp is made of two at least.")
        found.append(Combined(*words, of, table.yes("step_up")))
        table.done()
    return tuple(found)


def _name(table: Table, key: str) -> str:
    found = table.text(key)
    if found and not _NAME.fullmatch(found):
        table.fault(key, "is no name; use small letters, digits and hyphens, a letter first, 40 at most.")
    return found


def _dates(table: Table) -> tuple[dt.date | None, dt.date | None]:
    begin, end = table.day("effective_from"), table.day("effective_until")
    if begin is None and "effective_from" not in table.raw:
        table.fault("effective_from", "is missing; give the day from which the rules hold.")
    if begin and end and end < begin:
        table.fault("effective_until", f"is before effective_from, {begin}.")
    return begin, end


def _twice(tables: list[Table], key: str) -> None:
    counts = Counter(str(table.raw.get(key)) for table in tables)
    for table in tables:
        if key in table.raw and counts[str(table.raw[key])] > 1:
            table.fault(key, "stands more than once; give each a name of its own.")


def _rule(table: Table, scheme: Scheme, shared: _Shared) -> Rule | None:
    before = len(table.faults)
    name, measure = _name(table, "name"), table.choice("measure", MEASURES)
    hold, keep = table.whole("for") or 0, table.whole("keep") or 0
    limits = _limits(table, scheme, hold, keep)
    period = table.choice("period", _PERIODS, "day")
    parts = {
        "subjects": _subjects(table, measure),
        "missing": _missing(table, scheme),
        "seasons": tuple(_seasons(table)),
        "escalate": table.wholes("escalate"),
        "unit": table.text("unit", MEASURES[measure].unit if measure in MEASURES else ""),
        "owner": table.text("owner", shared.owner),
        "title": table.text("title"),
        "title_zh": table.text("title_zh"),
        "source": table.text("source", shared.source),
        "source_zh": table.text("source_zh", shared.source_zh),
    }
    if not parts["owner"]:
        table.fault("owner", "is missing; give the desk that answers for the rule, here or for the whole pack.")
    table.done()
    if len(table.faults) > before:
        return None
    return Rule(
        name=name, version=shared.version, scheme=scheme, measure=measure, limits=limits, period=period,  # type: ignore[arg-type]  # one of _PERIODS
        authority=shared.authority, effective_from=shared.effective_from, effective_until=shared.effective_until,
        **parts,  # type: ignore[arg-type]  # each of its own type
    )  # fmt: skip


def _limits(table: Table, scheme: Scheme, hold: int, keep: int) -> tuple[Limit, ...]:
    rows = list(table.tables("levels"))
    if not rows:
        table.fault("levels", "is missing; give one level at least, as [[rules.levels]].")
    found = []
    for row in rows:
        limit = _limit(row, scheme, hold, keep)
        row.done()
        if limit is not None:
            found.append((row, limit))
    _twice(rows, "level")
    found.sort(key=lambda pair: -scheme.rank(pair[1].level))
    for (_, worse), (row, milder) in itertools.pairwise(found):
        _milder(row, worse, milder)
    return tuple(limit for _row, limit in found)


def _milder(row: Table, worse: Limit, milder: Limit) -> None:
    """A milder level begins before the worse one, or at the same limit where the worse one must hold for longer."""
    for side, sign in (("lower", 1), ("upper", -1)):
        mild, bad = getattr(milder, side), getattr(worse, side)
        same = mild == bad and worse.hold > milder.hold
        if mild is not None and bad is not None and sign * mild <= sign * bad and not same:
            key = next(key for key in ("below", "at_most", "above", "at_least") if getattr(milder, key) == mild)
            row.fault(key, f"never gives {milder.level}, because {worse.level} begins at {bad:g}; swap or change them.")


def _limit(row: Table, scheme: Scheme, hold: int, keep: int) -> Limit | None:
    level = row.choice("level", [grade.name for grade in scheme.levels])
    sides = {key: row.number(key) for key in ("below", "above", "at_most", "at_least")}
    margin = row.number("margin") or 0.0
    if margin < 0:
        row.fault("margin", "is below 0.")
    proposal = row.yes("proposal")
    holds = {"hold": row.whole("for", hold) or 0, "keep": row.whole("keep", keep) or 0}
    words = row.text("source"), row.text("source_zh")
    if not level or any(key in row.raw and value is None for key, value in sides.items()):
        return None  # said already
    try:
        return Limit(level, **sides, **holds, margin=margin, proposal=proposal, source=words[0], source_zh=words[1])  # type: ignore[arg-type]  # each of its own type
    except ValueError as error:
        row.fault("", str(error))
    return None


def _subjects(table: Table, measure: str) -> Subjects:
    row = table.table("subjects")
    if row is None:
        table.fault("subjects", 'is missing; say of whom the rule speaks, such as { kind = "need" }.')
        return Subjects("")
    kind = row.choice("kind", SUBJECTS)
    if kind in SUBJECTS and measure in MEASURES and kind not in MEASURES[measure].of:
        row.fault("kind", f"has no {measure}; it is taken of {', '.join(sorted(MEASURES[measure].of))}.")
    found = Subjects(kind, row.text("region", ""), row.texts("chains"), row.texts("products"), row.texts("series"))
    row.done()
    return found


def _missing(table: Table, scheme: Scheme) -> Missing:
    row = table.table("missing")
    if row is None:
        return Missing()
    found = Missing(
        after=row.whole("after") or 0,
        stale_after=row.whole("stale_after", None),
        raise_to=row.choice("raise_to", [grade.name for grade in scheme.levels], ""),
        least=row.number("least"),
        most=row.number("most"),
        proposal=row.yes("proposal"),
        source=row.text("source", ""),
        source_zh=row.text("source_zh", ""),
    )
    if found.least is not None and found.most is not None and found.least > found.most:
        row.fault("most", f"is less than least, {found.least:g}.")
    row.done()
    return found


def _seasons(table: Table) -> list[Season]:
    found = []
    for row in table.tables("seasons"):
        begin, end = _day_of_year(row, "from"), _day_of_year(row, "until")
        title, title_zh = row.text("title"), row.text("title_zh")
        review_days = row.whole("review_days", None)
        if review_days == 0:
            row.fault("review_days", "is no number of days; give 1 or more, or leave it out.")
        row.done()
        if begin and end:
            found.append(Season(begin, end, title, title_zh, review_days or None))
    return found


def _day_of_year(row: Table, key: str) -> tuple[int, int] | None:
    given = row.text(key)
    match = _DAY_OF_YEAR.fullmatch(given)
    if given and match:
        try:
            # A leap year, in which the 29 February is a day.
            dt.date(2024, int(match[1]), int(match[2]))
        except ValueError:
            match = None
    if given and not match:
        row.fault(key, 'is no day of a year; write month and day, such as "03-15".')
    return (int(match[1]), int(match[2])) if match else None
