"""The inventory model: orders, stocks and demand day by day, for firms and for regions and sectors."""

from ballast.core.inventory.damage import CURVES, Curve, Damage, damage_of, recovered
from ballast.core.inventory.run import AUTHORS_TAU, ORDERS, RATIONINGS, InventoryRun, Orders, Rationing, simulate
from ballast.core.inventory.supply import AUTHORS_TARGET_DAYS, SupplyNetwork, of_sites, supply_network

__all__ = [
    "AUTHORS_TARGET_DAYS",
    "AUTHORS_TAU",
    "CURVES",
    "ORDERS",
    "RATIONINGS",
    "Curve",
    "Damage",
    "InventoryRun",
    "Orders",
    "Rationing",
    "SupplyNetwork",
    "damage_of",
    "of_sites",
    "recovered",
    "simulate",
    "supply_network",
]
