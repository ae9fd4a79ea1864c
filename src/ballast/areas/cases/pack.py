"""What each kind of problem holds and how long the desk has: read from packs/kinds.toml."""

import datetime as dt
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

__all__ = ["KindPolicy", "due_time", "policy_of"]


@dataclass(frozen=True)
class KindPolicy:
    """Working days until a case is due, and what its event takes away: "site", "lane" or "none"."""

    days: int
    holds: str


@cache
def _pack() -> tuple[dict[str, KindPolicy], dt.time]:
    raw = tomllib.loads((files("ballast.areas.cases") / "packs" / "kinds.toml").read_text(encoding="utf-8"))
    hour = dt.time.fromisoformat(raw.pop("due_time"))
    return {kind: KindPolicy(days=row["days"], holds=row["holds"]) for kind, row in raw.items()}, hour


def policy_of(kind: str) -> KindPolicy:
    """Policy of a kind of problem. Raises KeyError for a kind without one."""
    return _pack()[0][kind]


def due_time() -> dt.time:
    """Local time of the day at which a case falls due."""
    return _pack()[1]
