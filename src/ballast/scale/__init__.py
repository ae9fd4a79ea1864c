"""Questions on more than one process: workers of a cluster, and pieces that are kept so that a run goes on."""

from ballast.scale.cluster import cluster_at, local_workers
from ballast.scale.errors import ScaleError
from ballast.scale.kept import Kept

__all__ = ["Kept", "ScaleError", "cluster_at", "local_workers"]
