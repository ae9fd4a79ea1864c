"""The inventory model: orders, stocks and demand day by day, for firms and for regions and sectors."""

from ballast.core.inventory.damage import CURVES, Curve, Damage, damage_of, recovered
from ballast.core.inventory.hits import Hit, losses_of
from ballast.core.inventory.run import AUTHORS_TAU, ORDERS, RATIONINGS, InventoryRun, Orders, Rationing, simulate
from ballast.core.inventory.supply import AUTHORS_TARGET_DAYS, SupplyNetwork, of_sites, supply_network
from ballast.core.inventory.table import ArioParameters, TableRun, capital_loss, simulate_table

__all__ = [
    "AUTHORS_TARGET_DAYS",
    "AUTHORS_TAU",
    "CURVES",
    "ORDERS",
    "RATIONINGS",
    "ArioParameters",
    "Curve",
    "Damage",
    "Hit",
    "InventoryRun",
    "Orders",
    "Rationing",
    "SupplyNetwork",
    "TableRun",
    "capital_loss",
    "damage_of",
    "losses_of",
    "of_sites",
    "recovered",
    "simulate",
    "simulate_table",
    "supply_network",
]
