"""Why a site falls short. (Interface; see below.)"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ballast.core.forecast import Forecast

__all__ = ["CausePath", "Deadlock"]


@dataclass(frozen=True)
class CausePath:
    """From root events to one site."""

    site: str
    day: int | None
    nodes: list[dict[str, object]] = field(default_factory=list)


@dataclass(frozen=True)
class Deadlock:
    """A loop."""

    sites: tuple[str, ...]


def explain(forecast: "Forecast", site: int, *, certain: bool = False) -> CausePath:
    """Stub."""
    return CausePath(forecast.network.site_ids[site], None)


def find_deadlocks(forecast: "Forecast") -> tuple[Deadlock, ...]:
    """Stub."""
    return ()
