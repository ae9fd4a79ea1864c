"""Cause paths asked for again after a small change: only those of sites that the change can reach are traced anew.

As with the output at risk (at_risk): what a site does, and why, depends on itself and on what lies upstream of it.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ballast.core.forecast.at_risk import reached_since
from ballast.core.forecast.events import Match
from ballast.core.forecast.runs import Forecast
from ballast.core.network.network import Network

__all__ = ["KeptPaths"]


@dataclass(frozen=True)
class _World:
    network: Network
    matches: Mapping[str, Match]
    horizon: int


class KeptPaths:
    """Answers as the low run of a forecast does, and keeps them for the next forecast of the same network."""

    def __init__(self) -> None:
        self._before: _World | None = None
        # By site: what was asked -> what was answered.
        self._answers: dict[int, dict[tuple[object, ...], Any]] = {}
        # Sites of which the answers were taken over from the forecast before.
        self.taken_over = 0

    def go_on(self, found: Forecast) -> None:
        """Forget what another forecast may answer otherwise than the one before; call it before the questions."""
        matches = {match.event.event_id: match for match in found.matches}
        before, reached = self._before, None
        if before is not None and before.horizon == found.horizon and _shown_alike(before.network, found.network):
            reached = reached_since(before.network, before.matches, found.network, matches)
        self._answers = (
            {} if reached is None else {site: kept for site, kept in self._answers.items() if not reached[site]}
        )
        self.taken_over = len(self._answers)
        self._before = _World(found.network, matches, found.horizon)

    def path(self, found: Forecast, site: int) -> dict[str, object]:
        """`explain` of the site as plain values."""
        return dict(self._ask(site, ("path",), lambda: found.explain(site).to_dict()))

    def needed(self, found: Forecast, site: int, events: Collection[str]) -> tuple[str, ...]:
        """`needed` of the site and these events."""
        asked = list(events)
        return tuple(self._ask(site, ("needed", *asked), lambda: found.needed(site, asked)))

    def slowed_by(self, found: Forecast, site: int, day: int) -> list[str]:
        """Events that together keep the site from running in full that day."""
        causes = found.causes(certain=False)
        return list(self._ask(site, ("slowed", day), lambda: list(causes.named(causes.joint(site, day, 0.0)))))

    def _ask(self, site: int, question: tuple[object, ...], answer: Callable[[], Any]) -> Any:  # noqa: ANN401
        kept = self._answers.setdefault(site, {})
        if question not in kept:
            kept[question] = answer()
        return kept[question]


def _shown_alike(before: Network, now: Network) -> bool:
    """Whether paths show the same of both beside the figures of the low run: which stock nobody knows, which link is
    inferred, and what is supplied."""
    return (
        before.slots == now.slots
        and before.links == now.links
        and np.array_equal(np.isnan(before.slot_cover), np.isnan(now.slot_cover))
        and np.array_equal(before.link_inferred, now.link_inferred)
        and np.array_equal(before.slot_product.codes, now.slot_product.codes)
        and list(before.slot_product.vocabulary) == list(now.slot_product.vocabulary)
    )
