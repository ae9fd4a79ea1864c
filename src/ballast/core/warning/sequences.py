"""Tests of rules: series in compact notation, and the states and notices that are expected of them."""

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from ballast.core.warning.machine import step
from ballast.core.warning.notation import NotationError, read_series
from ballast.core.warning.packs import RulePack, read_rules
from ballast.core.warning.places import FaultyFileError
from ballast.core.warning.rule import Rule
from ballast.core.warning.scheme import Scheme
from ballast.core.warning.states import Standing, States, standing
from ballast.core.warning.tables import Table, open_file
from ballast.core.warning.telling import Acknowledgement, Notice, Silence, tell

__all__ = ["Expected", "Miss", "Outcome", "Refused", "RuleTest", "Sequences", "read_sequences", "refuse", "run"]

_STATE = re.compile(
    r"(?P<period>\d+):(?P<state>[a-z][a-z0-9_-]*?)(?:\((?P<of>[a-z0-9-]+)\))?"
    r"(?P<flags>(?:[+-](?:rising|recovering|flapping))*)(?:@(?P<since>\d+))?(?:\[(?P<reason>[a-z]+)\])?"
)
_NOTICE: Final = re.compile(r"\d+:[a-z_]+\([a-z0-9-]+\)(?:/[a-z]+)?(?:#\d+)?(?:<\d+(?:,\d+)*)?")


class Expected(NamedTuple):
    """What is expected at one time: the state, flags that are on or off, the reason and since when; None: not asked."""

    period: int
    state: str
    of: str | None
    flags: tuple[tuple[str, bool], ...]
    reason: str | None
    since: int | None
    text: str


@dataclass(frozen=True)
class RuleTest:
    """One test: the values of a subject period by period, and what must come of them.

    `notices` None asks nothing; else it is all of them. From the periods of `changes` on another rule holds, and
    before those of `restarts` the state is written down and read again.
    """

    name: str
    prevents: str
    line: int
    rule: Rule
    values: tuple[float, ...]
    expected: tuple[Expected, ...]
    notices: tuple[str, ...] | None = None
    start: dt.date | None = None
    silences: tuple[Silence, ...] = ()
    acknowledgements: tuple[Acknowledgement, ...] = ()
    caused: tuple[int, ...] = ()
    changes: tuple[tuple[int, Rule], ...] = ()
    restarts: tuple[int, ...] = ()


@dataclass(frozen=True)
class Refused:
    """A rule pack that must be refused, at which line, for which key, and with which words in the reason."""

    name: str
    prevents: str
    line: int
    text: str
    at: int
    key: str
    says: str


@dataclass(frozen=True)
class Sequences:
    """The tests of one file."""

    file: str
    tests: tuple[RuleTest, ...]
    refused: tuple[Refused, ...] = ()


class Miss(NamedTuple):
    """Where it came otherwise: the period (None for the whole), what was expected, and what came."""

    period: int | None
    expected: str
    got: str


@dataclass(frozen=True)
class Outcome:
    """What came of a test; it holds when nothing is missed."""

    test: RuleTest
    standings: tuple[Standing, ...]
    notices: tuple[Notice, ...]
    misses: tuple[Miss, ...]


def run(test: RuleTest) -> Outcome:
    """Feed the values one by one and compare."""
    rule, begin = test.rule, test.start
    states, found = States.start(rule, 1), []
    later = dict(test.changes)
    for period, value in enumerate(test.values):
        rule = later.get(period, rule)
        if period in test.restarts:
            states = States.of(rule, [states.row(0)])
        watching = begin is None or rule.watches(begin + dt.timedelta(days=period))
        states = step(rule, states, period, np.array([value]), watching=watching)
        found.append(standing(rule, states))
    notices = tell(
        rule,
        found,
        silences=test.silences,
        acknowledgements=test.acknowledgements,
        caused=test.caused,
        begin=begin,
    )
    misses = [miss for one in test.expected if (miss := _miss(one, found[one.period]))]
    if test.notices is not None:
        misses += _missed_notices(test.notices, notices)
    return Outcome(test, tuple(found), tuple(notices), tuple(misses))


def refuse(one: Refused, schemes: Mapping[str, Scheme]) -> list[Miss]:
    """What is missed of a refusal: nothing when the pack is refused there and so."""
    try:
        read_rules(one.text, "pack", schemes)
    except FaultyFileError as error:
        said = [f"line {fault.line}, {fault.key}: {fault.value!r}: {fault.reason}" for fault in error.faults]
        for fault in error.faults:
            key = fault.key.rsplit(", ", 1)[-1]
            if fault.line == one.at and key == one.key and one.says in fault.reason:
                return []
        return [Miss(None, f"line {one.at}, {one.key}: …{one.says}…", "; ".join(said))]
    return [Miss(None, f"line {one.at}, {one.key}: …{one.says}…", "the pack is accepted")]


def _miss(want: Expected, got: Standing) -> Miss | None:
    base, *flags = got.said.split("+")
    state, _, of = base.partition("(")
    good = want.state == state and want.of in (None, of.rstrip(")"))
    good &= all((flag in flags) == on for flag, on in want.flags)
    good &= want.reason in (None, got.reason) and want.since in (None, got.since)
    if good:
        return None
    said = got.said + (f"@{got.since}" if want.since is not None else "") + (f"[{got.reason}]" if want.reason else "")
    return Miss(want.period, want.text.partition(":")[2], said)


def _missed_notices(wanted: Sequence[str], got: Sequence[Notice]) -> list[Miss]:
    """The first notice that differs, or None."""
    for place in range(max(len(wanted), len(got))):
        want = wanted[place] if place < len(wanted) else "nothing more"
        notice = got[place] if place < len(got) else None
        said = _as_asked(want, notice) if notice else "nothing more"
        if said != want:
            period = notice.period if notice else int(want.partition(":")[0])
            return [Miss(period, f"notice {want}", said)]
    return []


def _as_asked(want: str, notice: Notice) -> str:
    """The notice with its number and references where the test speaks of them."""
    number = f"#{notice.number}" if "#" in want else ""
    earlier = "<" + ",".join(map(str, notice.references)) if "<" in want and notice.references else ""
    return notice.said + number + earlier


def read_sequences(text: str, file: str, load: Callable[[str], RulePack]) -> Sequences:
    """The tests that a text in TOML holds; `load` gives the rule pack of a file that it names.

    Raises FaultyFileError with every fault, also one of a pack that it names.
    """
    top = open_file(text, file)
    rules: dict[str, Rule] = {}
    for name in top.texts("packs"):
        try:
            pack = load(name)
        except OSError as error:
            top.fault("packs", f"cannot be read: {error.strerror or error}.", name)
            continue
        rules |= {rule.name: rule for rule in pack.rules}
    tests = [_test(table, rules) for table in top.tables("tests")]
    refused = [_refused(table) for table in top.tables("refused")]
    if not tests and not refused:
        top.fault("tests", "is missing; give one test at least, as [[tests]].")
    top.done()
    top.stop()
    return Sequences(file, tuple(test for test in tests if test), tuple(refused))


def _refused(table: Table) -> Refused:
    found = Refused(
        table.text("name"), table.text("prevents", ""), table.line, table.text("text"),
        table.whole("line") or 0, table.text("key"), table.text("says"),
    )  # fmt: skip
    table.done()
    return found


def _test(table: Table, rules: Mapping[str, Rule]) -> RuleTest | None:
    before = len(table.faults)
    name, prevents = table.text("name"), table.text("prevents", "")
    rule = rules.get(table.choice("rule", rules) if rules else table.text("rule"))
    if not rules:
        table.fault("rule", "is in no pack; name its file under `packs` at the head of this file.")
    values = _values(table)
    expected = _states(table, len(values), rule)
    notices = _notices(table, len(values))
    if not expected and notices is None and len(table.faults) == before:
        table.fault("states", 'is missing; say what is expected, such as "0:normal 3:red".')
    parts = {
        "start": table.day("start"),
        "silences": _marks(table, "silences", Silence),
        "acknowledgements": _marks(table, "acknowledgements", Acknowledgement),
        "caused": table.wholes("caused"),
        "changes": _changes(table, rules),
        "restarts": table.wholes("restarts"),
    }
    table.done()
    if len(table.faults) > before or rule is None:
        return None
    return RuleTest(name, prevents, table.line, rule, values, expected, notices, **parts)  # type: ignore[arg-type]  # each of its own type


def _values(table: Table) -> tuple[float, ...]:
    text = table.text("values")
    try:
        return tuple(read_series(text)) if text else ()
    except NotationError as error:
        table.fault("values", error.reason, error.token)
    return ()


def _states(table: Table, periods: int, rule: Rule | None) -> tuple[Expected, ...]:
    found = []
    known = {"normal", "pending", "no_data", "resting"} | {grade.name for grade in (rule.scheme.levels if rule else ())}
    for token in table.text("states", "").split():
        match = _STATE.fullmatch(token)
        if match is None:
            table.fault(
                "states", "is no expected state; write such as 3:red, 2:pending(red) or 4:red+recovering.", token
            )
        elif rule and match["state"] not in known:
            table.fault("states", f"is no state of {rule.name}; it has {', '.join(sorted(known))}.", match["state"])
        elif periods and int(match["period"][:6]) >= periods:
            table.fault("states", f"is at a time after the last value, {periods - 1}.", token)
        else:
            found.append(_expected(match, token))
    return tuple(found)


def _expected(match: re.Match[str], token: str) -> Expected:
    flags = tuple((flag[1:], flag[0] == "+") for flag in re.findall(r"[+-][a-z]+", match["flags"]))
    since = int(match["since"]) if match["since"] else None
    return Expected(int(match["period"]), match["state"], match["of"], flags, match["reason"], since, token)


def _notices(table: Table, periods: int) -> tuple[str, ...] | None:
    """The notices that are expected; [] when none may come, None when nothing is said of them."""
    if "notices" not in table.raw:
        table.asked.add("notices")
        return None
    found = table.texts("notices")
    for token in found:
        if not _NOTICE.fullmatch(token):
            table.fault("notices", 'is no notice; write such as "3:alert(red)" or "3:alert(red)/silenced".', token)
        elif periods and int(token.partition(":")[0][:6]) >= periods:
            table.fault("notices", f"is at a time after the last value, {periods - 1}.", token)
    return found


def _marks(
    table: Table, key: str, kind: type[Silence] | type[Acknowledgement]
) -> tuple[Silence | Acknowledgement, ...]:
    found = []
    for row in table.tables(key):
        words = row.text("by"), row.text("reason")
        begin, until = row.whole("from") or 0, row.whole("until") or 0
        more = {"weekdays": row.wholes("weekdays")} if kind is Silence else {}
        row.done()
        try:
            found.append(kind(*words, begin, until, **more))  # type: ignore[arg-type]  # weekdays of a silence
        except ValueError as error:
            row.fault("", f"{error}")
    return tuple(found)


def _changes(table: Table, rules: Mapping[str, Rule]) -> tuple[tuple[int, Rule], ...]:
    found = []
    for row in table.tables("changes"):
        at, name = row.whole("at") or 0, row.choice("rule", rules)
        row.done()
        if name in rules:
            found.append((at, rules[name]))
    return tuple(found)
