"""Stop times: the yes/no shadow of the forecast, for sweeps over every site and every pair, and what must restart."""

from ballast.core.stops.failures import Sweep, single_failures
from ballast.core.stops.pairs import Pairs, worst_pairs
from ballast.core.stops.restart import Blocked, RestartSet, restart_set
from ballast.core.stops.times import stop_times

__all__ = [
    "Blocked", "Pairs", "RestartSet", "Sweep", "restart_set", "single_failures", "stop_times", "worst_pairs",
]  # fmt: skip
