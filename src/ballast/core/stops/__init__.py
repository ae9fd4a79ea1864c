"""Stop times: the yes/no shadow of the forecast, for sweeps over every site and every pair."""

from ballast.core.stops.times import Pairs, Sweep, single_failures, stop_times, worst_pairs

__all__ = ["Pairs", "Sweep", "single_failures", "stop_times", "worst_pairs"]
