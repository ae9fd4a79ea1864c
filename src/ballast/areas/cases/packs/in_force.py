"""The case packs in force: those that are shipped, and an authority's own beside them or in their place."""

from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

from django.conf import settings

from ballast.areas.cases.packs.file import Fault, PackError, read_pack
from ballast.areas.cases.packs.model import ClockRule, LocalState, Pack, PackKind
from ballast.core.clocks import Category

__all__ = [
    "PROBLEM", "forget", "kinds", "load", "local_states", "pack_named", "pack_of_kind", "packs", "resolution_of",
    "state_label", "states_in", "states_telling",
]  # fmt: skip

# The pack of enterprise problems: that of every case from before there were others.
PROBLEM = "problem"


class _File(NamedTuple):
    name: str
    text: str


def packs() -> Mapping[str, Pack]:
    """The packs in force by name, that of problems first. Raises PackError for a file that is none."""
    return _in_force(settings.CASE_PACKS)


def forget() -> None:
    """Read the files anew when they are next asked for; to be called when a setting or a file changed."""
    _in_force.cache_clear()


@cache
def _in_force(folder: str) -> dict[str, Pack]:
    return load([*_shipped(), *_own(folder)])


def _shipped() -> list[_File]:
    found = (files("ballast.areas.cases") / "packs").iterdir()
    return sorted(_File(one.name, one.read_text(encoding="utf-8")) for one in found if one.name.endswith(".toml"))


def _own(folder: str) -> list[_File]:
    """The authority's own files; none without a folder. Raises PackError where there is no such folder."""
    if not folder:
        return []
    path = Path(folder).expanduser()
    if not path.is_dir():
        raise PackError(folder, [Fault(0, "", "", "is no folder; make it, or leave BALLAST_CASE_PACKS empty.")])
    return [_File(str(one), _text(one)) for one in sorted(path.glob("*.toml"))]


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise PackError(str(path), [Fault(0, "", "", f"is not in UTF-8: {error.reason}; save it so.")]) from None


def load(given: Iterable[_File]) -> dict[str, Pack]:
    """Packs by name, from files; of two with one name the later counts. Raises PackError with the first bad file."""
    read: dict[str, tuple[str, Pack]] = {}
    for file in given:
        pack = read_pack(file.text, file.name)
        read[pack.name] = (file.name, pack)
    _check_together(read)
    names = sorted(read, key=lambda name: (name != PROBLEM, name))
    return {name: read[name][1] for name in names}


def _check_together(read: Mapping[str, tuple[str, Pack]]) -> None:
    """Raise PackError unless a kind is in one pack only, and a state of one name means the same in all."""
    homes: dict[str, str] = {}
    meant: dict[str, tuple[str, LocalState]] = {}
    for name, (file, pack) in sorted(read.items(), key=lambda item: (item[0] != PROBLEM, item[0])):
        faults = [
            Fault(0, "kinds", kind.name, f"is a kind of the pack {homes[kind.name]!r} already; choose another name.")
            for kind in pack.kinds
            if kind.name in homes
        ]
        homes |= {kind.name: name for kind in pack.kinds}
        for state in pack.states:
            other, known = meant.setdefault(state.name, (name, state))
            if (state.category, state.tells) != (known.category, known.tells):
                there = _meaning(known)
                reason = f"is {there} in the pack {other!r}; say the same here, or choose another name."
                faults.append(Fault(0, f"states “{state.name}”", _meaning(state), reason))
        if faults:
            raise PackError(file, faults)


def _meaning(state: LocalState) -> str:
    return ", ".join(part for part in (state.category, state.tells) if part)


def pack_named(name: str) -> Pack:
    """The pack of that name. Raises KeyError."""
    return packs()[name]


def pack_of_kind(kind: str) -> Pack:
    """The pack by which cases of a kind are filed. Raises KeyError for a kind that none has."""
    for pack in packs().values():
        if kind in pack.kinds_by_name:
            return pack
    raise KeyError(kind)


def kinds() -> dict[str, PackKind]:
    """Every kind of every pack by name, in the order of the packs."""
    return {kind.name: kind for pack in packs().values() for kind in pack.kinds}


def resolution_of(kind: str) -> ClockRule:
    """The resolution clock of a kind. Raises KeyError for a kind that no pack has."""
    rule = pack_of_kind(kind).clock_of(kind)
    assert rule is not None  # noqa: S101 - the reader of packs saw to it
    return rule


def local_states() -> dict[str, LocalState]:
    """Every state of every pack by name, in the order of the packs; one name has one category in all of them."""
    found: dict[str, LocalState] = {}
    for pack in packs().values():
        for state in pack.states:
            found.setdefault(state.name, state)
    return found


def states_in(*categories: Category) -> list[str]:
    """States of any of the categories, in any pack, in the order of the packs."""
    found = (state.name for pack in packs().values() for state in pack.states if state.category in categories)
    return list(dict.fromkeys(found))


def states_telling(*words: str) -> list[str]:
    """States that tell any of the words, in any pack."""
    found = (state.name for pack in packs().values() for state in pack.states if state.tells in words)
    return list(dict.fromkeys(found))


def state_label(pack: str, state: str) -> str:
    """What a state of a pack is called in the language of the page; its code where the pack does not know it."""
    known = packs().get(pack)
    local = known.states_by_name.get(state) if known else None
    return str(local.label) if local else state
