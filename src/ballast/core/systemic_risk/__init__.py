"""Systemic risk (ESRI): the part of all output that is lost when a firm fails."""

from ballast.core.systemic_risk.risk import RANKING, REPORT, Mode, SystemicRisk, systemic_risk
from ballast.core.systemic_risk.trade_network import of_sites, trade_network

__all__ = ["RANKING", "REPORT", "Mode", "SystemicRisk", "of_sites", "systemic_risk", "trade_network"]
