"""Restart sets as plain NumPy: take a site away, look at every slot of the network again until nothing more falls."""

from collections.abc import Sequence

import numpy as np

from ballast.core.columns import Bools
from ballast.core.stops import RestartSet

__all__ = ["plain_set", "without"]

_TOLERANCE = 1e-9


def without(question: RestartSet, members: Bools, site: int) -> Bools:
    """[n] the members that can still run when one of them is taken away."""
    network, rest = question.network, members.copy()
    rest[site] = False
    while True:
        come = np.bincount(network.link_slot, question.amount * rest[network.link_supplier], minlength=network.slots)
        after = rest.copy()
        after[network.slot_site[come < question.need - _TOLERANCE]] = False
        if (after == rest).all():
            return rest
        rest = after


def plain_set(question: RestartSet, members: Bools, order: Sequence[int]) -> Bools:
    """[n] what is left of the members when sites go in this order as long as the target runs."""
    for site in order:
        if site != question.target and members[site]:
            rest = without(question, members, site)
            members = rest if rest[question.target] else members
    return members
