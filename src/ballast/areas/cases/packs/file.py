"""Read a case pack from its file, and say of every fault where it stands, what was given and why it cannot stand."""

import re
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from string import Formatter
from typing import Any, NamedTuple

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from ballast.areas.accounts.access import PERMISSIONS
from ballast.areas.cases.packs.model import DOCUMENT_FIELDS, Pack
from ballast.areas.cases.packs.outcomes import OUTCOMES
from ballast.core.clocks import Category

__all__ = ["Fault", "PackError", "read_pack"]

_PERMISSIONS = frozenset().union(*PERMISSIONS.values())
# What a move does -> whose move it is, the field that it takes, and whether it changes nothing but that.
_DEEDS = {"assign": ("desk", "owner"), "hand_over": ("desk", "region"), "take_over": ("offered", ""),
          "refuse": ("offered", "text"), "give_back": ("desk", "text"), "decide": ("superior", "region")}  # fmt: skip


class Fault(NamedTuple):
    """One fault: the line of the file (0 where the file has none), the key, the value that was given, and why not."""

    line: int
    key: str
    value: str
    reason: str


class PackError(ValueError):
    """A file that is no pack, with all that is wrong with it."""

    def __init__(self, file: str, faults: Iterable[Fault]) -> None:
        self.file, self.faults = file, tuple(faults)
        super().__init__("\n".join(self._said(fault) for fault in self.faults))

    def _said(self, fault: Fault) -> str:
        place = f"{self.file}, line {fault.line}" if fault.line else self.file
        named = ", ".join(part for part in (place, fault.key) if part)
        return f"{named}: {fault.value!r}: {fault.reason}" if fault.value else f"{named}: {fault.reason}"


def read_pack(text: str, file: str) -> Pack:
    """The pack that a text in TOML holds; `file` names it in messages. Raises PackError with every fault."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"at line (\d+)", str(error))
        raise PackError(file, [Fault(int(line[1]) if line else 0, "", "", f"no TOML: {error}.")]) from None
    try:
        pack = Pack.model_validate(raw)
    except ValidationError as error:
        raise PackError(file, [_fault(text, raw, one) for one in error.errors()]) from None
    faults = [Fault(_line(text, key), _named(raw, key), value, why) for key, value, why in _inconsistencies(pack)]
    if faults:
        raise PackError(file, faults)
    return pack


_Key = tuple[str | int, ...]
_Found = Iterator[tuple[_Key, str, str]]


def _fault(text: str, raw: Mapping[str, Any], error: ErrorDetails) -> Fault:
    """A fault that the types found, in the words of the file."""
    key: _Key = error["loc"]
    missing = error["type"] == "missing"
    value = "" if missing else str(error["input"])[:80]
    reasons = {"missing": "is missing; give it.", "extra_forbidden": "is no key of this table; see the reference."}
    return Fault(_line(text, key), _named(raw, key), value, reasons.get(error["type"], f"{error['msg']}."))


def _named(raw: Mapping[str, Any], key: _Key) -> str:
    """A key as a person reads it: "moves[2] “start”, to"."""
    said: list[str] = []
    here: Any = raw
    for part in key:
        if isinstance(part, int):
            here = here[part] if isinstance(here, list) and part < len(here) else None
            name = here.get("name") if isinstance(here, dict) else None
            said[-1] += f"[{part + 1}]" + (f" “{name}”" if name else "")
        else:
            here = here.get(part) if isinstance(here, dict) else None
            said.append(part)
    return ", ".join(said)


def _line(text: str, key: _Key) -> int:
    """The line on which a key's table begins, or the key itself where that is found; 0 where neither is."""
    lines = text.splitlines()
    start, names = 0, [part for part in key if isinstance(part, str)]
    if len(key) > 1 and isinstance(key[1], int):
        heads = [n for n, line in enumerate(lines) if line.strip() == f"[[{key[0]}]]"]
        if key[1] >= len(heads):
            return 0
        start, names = heads[key[1]], names[1:]
    for n, line in enumerate(lines[start:], start):
        if names and re.match(rf"\s*(\[\[?)?{re.escape(names[0])}\b\s*(=|\])", line):
            return n + 1
        if n > start and line.lstrip().startswith("["):
            break
    return start + 1 if start else 0


def _inconsistencies(pack: Pack) -> _Found:
    """What the tables say that does not go together: key, value and reason of each."""
    for table in ("kinds", "states", "moves", "form", "checklist", "documents"):
        yield from _twice(table, [row.name for row in getattr(pack, table)])
    checks: tuple[Callable[[Pack], _Found], ...] = (
        _start, _moves, _told, _outcomes, _ways, _clocks, _form, _checklist, _documents,
    )  # fmt: skip
    for check in checks:
        yield from check(pack)


def _twice(table: str, names: list[str]) -> _Found:
    for name, count in Counter(names).items():
        if count > 1:
            yield (table, names.index(name), "name"), name, f"stands {count} times; give each a name of its own."


def _start(pack: Pack) -> _Found:
    start = pack.states_by_name.get(pack.starts)
    if start is None:
        yield ("starts",), pack.starts, _choose("a state of this pack", pack.states_by_name)
    elif start.category != Category.OPEN:
        yield ("starts",), pack.starts, f"is {start.category}; a new case is open, so that a desk has it in hand."
    merged = [n for n, state in enumerate(pack.states) if state.tells == "merged"]
    for n in merged[1:]:
        yield ("states", n, "tells"), "merged", "a merge brings a case to one state only; leave it with the first."
    for n in merged:
        if pack.states[n].category != Category.CLOSED:
            yield ("states", n, "category"), pack.states[n].category, "a case that was merged is closed."


def _choose(what: str, known: Iterable[str]) -> str:
    return f"is not {what}; choose one of {', '.join(known)}."


def _moves(pack: Pack) -> _Found:
    categories = [f"@{one.value}" for one in Category]
    for n, move in enumerate(pack.moves):
        for source in move.sources:
            if source not in categories and source not in pack.states_by_name:
                known = [*pack.states_by_name, *categories]
                yield ("moves", n, "from"), source, _choose("a state of this pack", known)
        if move.to is not None and move.to not in pack.states_by_name:
            yield ("moves", n, "to"), move.to, _choose("a state of this pack", pack.states_by_name)
        if pack.merged and pack.merged in (*move.sources, move.to):
            yield ("moves", n), "", f"no move leads to or from {pack.merged!r}; a case is merged, and that is undone."
        if move.permission not in _PERMISSIONS:
            yield ("moves", n, "permission"), move.permission, _choose("a permission", sorted(_PERMISSIONS))
        if move.forward and set(move.needs) - {"text"}:
            reason = "a move that is the main button asks for a text only; leave `forward` out."
            yield ("moves", n, "forward"), ", ".join(move.needs), reason
        if move.does:
            yield from _deed(n, move.does, move.who, move.needs)
        elif move.who in ("offered", "superior"):
            deeds = " or ".join(deed for deed, (whose, _field) in _DEEDS.items() if whose == move.who)
            yield ("moves", n, "who"), move.who, f"only a move that does {deeds} is one of {move.who!r}."


def _deed(n: int, does: str, who: str, needs: tuple[str, ...]) -> _Found:
    whose, field = _DEEDS[does]
    if who != whose:
        yield ("moves", n, "who"), who, f"a move that does {does} is one of {whose!r}."
    if field and field not in needs:
        yield ("moves", n, "needs"), ", ".join(needs), f"a move that does {does} needs {field!r}."


def _told(pack: Pack) -> _Found:
    """What the enterprise says is told by its own moves alone, so that no desk counts as its word."""
    theirs = {state.name: state.tells for state in pack.states if state.tells in ("confirmed", "disputed", "withdrawn")}
    for n, move in enumerate(pack.moves):
        if move.to in theirs and move.who != "enterprise":
            reason = f"{move.to!r} tells {theirs[move.to]!r}, which only a move of the enterprise can."
            yield ("moves", n, "who"), move.who, reason


def _outcomes(pack: Pack) -> _Found:
    """A case that leaves the hand of the desks has an outcome; a reason is given where that is not plain."""
    ends = {state.name for state in pack.states if state.category in (Category.RESOLVED, Category.CLOSED)}
    for n, move in enumerate(pack.moves):
        for outcome in (*move.outcomes, move.otherwise):
            if outcome and outcome not in OUTCOMES:
                yield ("moves", n, "outcomes"), outcome, _choose("an outcome", OUTCOMES)
        if move.otherwise and move.otherwise not in move.outcomes:
            yield ("moves", n, "otherwise"), move.otherwise, _choose("one of its outcomes", move.outcomes)
        if move.to in ends and not move.sources <= ends and not move.outcomes:
            yield ("moves", n, "outcomes"), "", f"is missing: it leads to {move.to!r}; say how a case ends by it."
        if move.outcomes and move.to not in ends:
            yield ("moves", n, "outcomes"), ", ".join(move.outcomes), "no case ends by this move; leave them out."
        if {"impossible", "not_within_remit"} & set(move.outcomes) and "text" not in move.needs:
            yield ("moves", n, "needs"), ", ".join(move.needs), "an outcome that leaves it unsolved needs 'text'."


def _form(pack: Pack) -> _Found:
    for n, field in enumerate(pack.form):
        if field.own != bool(field.type):
            reason = (
                "a field of the pack's own needs a type." if field.own else "every case has it; leave its type out."
            )
            yield ("form", n, "type"), field.type, reason
        if (field.type == "choice") != bool(field.choices):
            yield ("form", n, "choices"), field.name, "a choice, and nothing else, has choices."
        yield from _twice_in(("form", n, "choices"), [one.name for one in field.choices])
    asked = [field.name for field in pack.form if field.required]
    must = ["site", "blocked"] + ["kind"] * (len(pack.kinds) > 1) + ["place"] * ("place" in _routed_by(pack))
    for name in must:
        if name not in asked:
            yield ("form",), name, "is no required field of the form, and no case can be filed without it."


def _routed_by(pack: Pack) -> tuple[str, str]:
    return pack.routing.first, pack.routing.offer


def _twice_in(key: _Key, names: list[str]) -> _Found:
    for name, count in Counter(names).items():
        if count > 1:
            yield key, name, f"stands {count} times; give each a name of its own."


def _checklist(pack: Pack) -> _Found:
    for n, item in enumerate(pack.checklist):
        for move in item.before:
            if move not in pack.moves_by_name:
                yield ("checklist", n, "before"), move, _choose("a move of this pack", pack.moves_by_name)
        for kind in item.kinds:
            if kind not in pack.kinds_by_name:
                yield ("checklist", n, "kinds"), kind, _choose("a kind of this pack", pack.kinds_by_name)


def _documents(pack: Pack) -> _Found:
    categories = [f"@{one.value}" for one in Category]
    for n, document in enumerate(pack.documents):
        for source in sorted(document.sources):
            if source not in categories and source not in pack.states_by_name:
                yield (
                    ("documents", n, "from"),
                    source,
                    _choose("a state of this pack", [*pack.states_by_name, *categories]),
                )
        if document.permission not in _PERMISSIONS:
            yield ("documents", n, "permission"), document.permission, _choose("a permission", sorted(_PERMISSIONS))
        for kind in document.kinds:
            if kind not in pack.kinds_by_name:
                yield ("documents", n, "kinds"), kind, _choose("a kind of this pack", pack.kinds_by_name)
        for text in (document.text.en, document.text.zh):
            yield from ((("documents", n, "text"), value, why) for value, why in _braces(pack, text))


def _braces(pack: Pack, text: str) -> Iterator[tuple[str, str]]:
    """Names in braces that cannot be filled in from a case of the pack, and why not."""
    known = [*sorted(DOCUMENT_FIELDS), *(field.name for field in pack.form if field.own)]
    try:
        parts = list(Formatter().parse(text))
    except ValueError:
        yield "", "a brace stands alone; a brace itself is written twice."
        return
    for _before, name, form, turned in parts:
        if name is not None and (name not in known or form or turned):
            shown = f"{{{name}{f'!{turned}' if turned else ''}{f':{form}' if form else ''}}}"
            yield shown, f"cannot be filled in; choose one of {', '.join(known)}."


def _ways(pack: Pack) -> _Found:
    """Every state can be reached, and from every one that is not closed a case can be brought to its end."""
    steps = [(source, move.to) for move in pack.moves if move.to for source in move.sources]
    reached = _closure({pack.starts}, steps)
    ended = {state.name for state in pack.states if state.category == Category.CLOSED and state.tells != "merged"}
    ending = _closure(ended, [(to, source) for source, to in steps])
    for n, state in enumerate(pack.states):
        if state.name not in reached and state.tells != "merged":
            yield ("states", n), state.name, "no move leads here; give one, or take the state out."
        if state.category != Category.CLOSED and state.name not in ending:
            yield ("states", n), state.name, "no way leads from here to a closed state; give a move that does."


def _closure(begin: set[str], steps: list[tuple[str, str]]) -> set[str]:
    """All that can be reached by the steps."""
    found, more = set(), set(begin)
    while more:
        found |= more
        more = {to for source, to in steps if source in found} - found
    return found


def _clocks(pack: Pack) -> _Found:
    for n, rule in enumerate(pack.clocks):
        for kind in rule.kinds:
            if kind not in pack.kinds_by_name:
                yield ("clocks", n, "kinds"), kind, _choose("a kind of this pack", pack.kinds_by_name)
        try:
            assert rule.budget  # noqa: S101 - made for the reasons that it gives
        except ValueError as error:
            yield ("clocks", n), "", str(error)
    for n, kind_row in enumerate(pack.kinds):
        if pack.clock_of(kind_row.name) is None:
            yield ("kinds", n), kind_row.name, "has no resolution clock; give one under [[clocks]]."
