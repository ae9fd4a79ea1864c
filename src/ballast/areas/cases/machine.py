"""The case machine: which states the packs in force put into which category, and which moves lead from a state."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Set

from ballast.areas.cases.packs import in_force as pack
from ballast.areas.cases.packs.model import Move, Pack, Right
from ballast.core.clocks import Category

__all__ = [
    "AT_DESK",
    "CLOSED",
    "IN_HAND",
    "MERGED",
    "MOVES",
    "OPEN",
    "RESOLVED",
    "Move",
    "Right",
    "States",
    "moves_from",
    "telling",
]


class States(Set[str]):
    """States of all packs in force, told by what they mean and read anew whenever they are asked for."""

    def __init__(self, told: Callable[[], Iterable[str]]) -> None:
        self._told = told

    def __contains__(self, state: object) -> bool:
        return state in list(self._told())

    def __iter__(self) -> Iterator[str]:
        return iter(self._told())

    def __len__(self) -> int:
        return len(list(self._told()))

    @classmethod
    def _from_iterable(cls, it: Iterable[str]) -> frozenset[str]:  # type: ignore[override]
        return frozenset(it)

    def __hash__(self) -> int:
        return hash(frozenset(self))


def _within(*categories: Category) -> States:
    return States(lambda: pack.states_in(*categories))


def telling(*words: str) -> States:
    """States that tell any of the words, for example "confirmed"."""
    return States(lambda: pack.states_telling(*words))


# A desk has it in hand; so long as the other side has the word, or a desk, it is open.
IN_HAND = _within(Category.OPEN, Category.PAUSED)
RESOLVED = _within(Category.RESOLVED)
OPEN = _within(Category.OPEN, Category.PAUSED, Category.RESOLVED)
CLOSED = _within(Category.CLOSED)
# Closed, but neither solved nor given up: it goes on in another case.
MERGED = telling("merged")

# The right of a desk on the cases that it leads.
AT_DESK = Right(permission="work_cases", who="desk")


class _MovesOfProblems(Mapping[str, Move]):
    """Moves of the pack of enterprise problems, by name."""

    def __getitem__(self, name: str) -> Move:
        return pack.pack_named(pack.PROBLEM).moves_by_name[name]

    def __iter__(self) -> Iterator[str]:
        return iter(pack.pack_named(pack.PROBLEM).moves_by_name)

    def __len__(self) -> int:
        return len(pack.pack_named(pack.PROBLEM).moves)


MOVES = _MovesOfProblems()


def moves_from(of: Pack, state: str, *, offered: bool, escalated: bool = False) -> list[Move]:
    """Moves of a pack that the state allows, in the order in which a case runs through them."""
    fitting = (m for m in of.moves if (offered or not m.needs_offer) and (escalated or not m.needs_refusal))
    return [m for m in fitting if state in m.sources]
