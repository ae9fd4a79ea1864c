"""When a prepared measure is proposed on several inputs together: the condition, read from TOML.

Every fault of a text is named with its line and key, as in rule packs (`ballast.core.warning.tables`).
"""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from ballast.core.trigger import MEASURES, Trigger
from ballast.core.warning.tables import Table, open_file

__all__ = ["KINDS", "LAMPS", "SIDES", "Condition", "Input", "beyond", "met", "read_condition"]

KINDS: Final = ("lamps", "warnings", "problems", "commodity", "series")
# Lamps of a commodity: of the board as a whole, and its halves.
LAMPS: Final = ("whole", "price", "trend", "cover", "gap", "short")
# Which side of its limit a series has to be on.
SIDES: Final = ("above", "at_least", "below", "at_most")
_LEVELS: Final = ("red", "yellow", "blue")
# Every warning begins at red; a plant stops in some of them, in some for certain.
_OF_WARNINGS: Final = ("red", "stop", "certain-stop")
_MOST_INPUTS: Final = 20

# Whether a code of a kind (region, chain, product, problem, commodity, series) is known.
Known = Callable[[str, str], bool]


@dataclass(frozen=True)
class Input:
    """One input of a condition, with the keys of its kind; those of others are empty. `line` is where it begins.

    lamps: `measure` of lamps at `level` or worse, of one `name` (product) or all, `limit`, `days` in a row.
    warnings: number of open warnings of a `level` that have stood for `days`, at least `limit`.
    problems: the lamp of the count of reports of a kind (`name`, "" for all) at `level` or worse.
    commodity: the `measure` (lamp) of a commodity (`name`) at `level` or worse.
    series: the indicator `name` beyond `limit` on the side `measure` in each of the last `days` periods.
    """

    kind: str
    line: int
    name: str = ""
    measure: str = ""
    level: str = ""
    limit: float = 0.0
    days: int = 1
    region: str = ""
    chain: str = ""


@dataclass(frozen=True)
class Condition:
    """Inputs of which `needs` have to hold; the condition ends after its last day by itself."""

    needs: Literal["all", "any"]
    inputs: tuple[Input, ...]
    effective_from: dt.date | None
    effective_until: dt.date

    def in_force(self, day: dt.date) -> bool:
        """Whether the condition counts on a day."""
        return (self.effective_from is None or self.effective_from <= day) and day <= self.effective_until


def met(needs: str, states: Sequence[bool | None]) -> bool:
    """Whether all or any of the states hold; None is an input without data, which never holds.

    >>> met("all", [True, None]), met("any", [True, None])
    (False, True)
    """
    held = [state is True for state in states]
    return bool(held) and (all(held) if needs == "all" else any(held))


def beyond(side: str, value: float, limit: float) -> bool:
    """Whether a value is on that side of the limit.

    >>> beyond("at_least", 3.0, 3.0), beyond("above", 3.0, 3.0)
    (True, False)
    """
    match side:
        case "above":
            return value > limit
        case "at_least":
            return value >= limit
        case "below":
            return value < limit
        case _:
            return value <= limit


def read_condition(text: str, file: str, known: Known) -> Condition:
    """The condition of a text in TOML; `file` names it in messages. Raises FaultyFileError with every fault."""
    top = open_file(text, file)
    needs = top.choice("needs", ("all", "any"), "all")
    begin, end = top.day("effective_from"), top.day("effective_until")
    if end is None and "effective_until" not in top.raw:
        top.fault("effective_until", "is missing; give the last day of the condition, such as 2026-12-31.")
    if begin and end and end < begin:
        top.fault("effective_until", f"is before effective_from, {begin}.")
    tables = list(top.tables("inputs"))
    given = top.raw.get("inputs", [])
    if isinstance(given, list) and not 1 <= len(given) <= _MOST_INPUTS:
        top.fault("inputs", f"are too few or too many; give 1 to {_MOST_INPUTS}, each as [[inputs]].", len(given))
    inputs = [_input(table, known) for table in tables]
    top.done()
    top.stop()
    return Condition("any" if needs == "any" else "all", tuple(inputs), begin, end or dt.date.max)


def _input(table: Table, known: Known) -> Input:
    kind = table.choice("kind", KINDS)
    if table.raw.get("kind") != kind:
        # What the other keys have to be is not known either.
        return Input(kind, table.line)
    found = _READERS[kind](table, known)
    table.done()
    return found


def _code(table: Table, key: str, known: Known, *, required: bool = False, of: str = "") -> str:
    """A code that is known, "" when it is left out."""
    found = table.text(key, None if required else "")
    if found and not known(of or key, found):
        table.fault(key, "is not known here; give the code of one that is, or load it first.")
    return found


def _limit(table: Table, key: str, *, whole: bool = False) -> float:
    found = table.number(key)
    if found is None:
        if key not in table.raw:
            table.fault(key, "is missing; give the number from which it holds.")
        return 1.0
    if found <= 0 or (whole and found != int(found)):
        table.fault(key, "will not do; give " + ("a whole number from 1 on." if whole else "more than 0."))
        return 1.0
    return found


def _days(table: Table, key: str, default: int = 1, least: int = 1) -> int:
    found = table.whole(key, default, most=366)
    if found is not None and found < least:
        table.fault(key, f"is less than {least}.")
    return max(default if found is None else found, least)


def _place(table: Table, known: Known) -> tuple[str, str]:
    return _code(table, "region", known), _code(table, "chain", known)


def _lamps(table: Table, known: Known) -> Input:
    measure, level = table.choice("measure", MEASURES, "count"), table.choice("level", _LEVELS, "red")
    limit, days = _limit(table, "at_least"), _days(table, "days")
    try:
        Trigger("share" if measure == "share" else "count", limit, days)
    except ValueError as error:
        table.fault("at_least", str(error))
    product = _code(table, "product", known)
    return Input("lamps", table.line, product, measure, level, limit, days, *_place(table, known))


def _warnings(table: Table, known: Known) -> Input:
    level, limit = table.choice("level", _OF_WARNINGS, "red"), _limit(table, "at_least", whole=True)
    return Input("warnings", table.line, "", "", level, limit, _days(table, "open_days", 0, 0), *_place(table, known))


def _problems(table: Table, known: Known) -> Input:
    level, problem = table.choice("level", _LEVELS, "red"), _code(table, "problem", known)
    return Input("problems", table.line, problem, "", level, 0.0, 1, *_place(table, known))


def _commodity(table: Table, known: Known) -> Input:
    name = _code(table, "commodity", known, required=True)
    return Input("commodity", table.line, name, table.choice("lamp", LAMPS, "whole"), table.choice("level", _LEVELS))


def _series(table: Table, known: Known) -> Input:
    name = _code(table, "series", known, required=True)
    given = [side for side in SIDES if side in table.raw]
    limits = {side: table.number(side) for side in SIDES}
    if len(given) != 1:
        table.fault("", f"has {len(given)} limits; give one of {', '.join(SIDES)}.")
    side = given[0] if given else SIDES[0]
    return Input("series", table.line, name, side, "", limits[side] or 0.0, _days(table, "periods"))


_READERS: Final[dict[str, Callable[[Table, Known], Input]]] = {
    "lamps": _lamps, "warnings": _warnings, "problems": _problems, "commodity": _commodity, "series": _series,
}  # fmt: skip
