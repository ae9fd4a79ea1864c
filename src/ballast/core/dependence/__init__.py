"""Who depends on whom: concentration, choke points, foreign shares, indicators of trade."""

from ballast.core.dependence.chokepoints import Chokepoints
from ballast.core.dependence.concentration import Concentration, concentration
from ballast.core.dependence.foreign import ForeignShares, foreign_shares
from ballast.core.dependence.leontief import (
    CountryTable,
    TableDependence,
    country_table,
    table_dependence,
    total_requirements,
)
from ballast.core.dependence.trade import Bounds, Verdict, among_years, import_measures, verdict

__all__ = [
    "Bounds",
    "Chokepoints",
    "Concentration",
    "CountryTable",
    "ForeignShares",
    "TableDependence",
    "Verdict",
    "among_years",
    "concentration",
    "country_table",
    "foreign_shares",
    "import_measures",
    "table_dependence",
    "total_requirements",
    "verdict",
]
