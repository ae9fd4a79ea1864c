"""The adaptive input-output model as one would write it at first: whole matrices of orders, day after day."""

import numpy as np


def run(purchases, final, sector, loss, *, stock_days=90.0, psi=0.8, tau_stock=60.0, base=1.0, most=1.25,
        tau_alpha=365.0, by_capacity=True):  # fmt: skip
    """[days, n] output and unmet final demand, [sectors, n] stocks at the end; a day is 1/365 of the table."""
    flows, wanted_by_users = purchases / 365.0, final / 365.0
    n, sectors = len(sector), sector.max() + 1
    member = np.array([sector == s for s in range(sectors)], dtype=float)
    days = np.broadcast_to(np.asarray(stock_days, dtype=float), sectors)
    normal = flows.sum(axis=1) + wanted_by_users
    share = member @ flows / normal
    stock = np.where(np.isinf(days)[:, None], np.inf, share * normal * np.where(np.isinf(days), 0.0, days)[:, None])
    orders, alpha, output = flows.copy(), np.full(n, base), normal.copy()
    outputs, unmet = [], []
    for day, gone in enumerate(loss):
        demand = orders.sum(axis=1) + wanted_by_users
        if day > 1:
            scarcity = (demand - output) / demand
            change = np.where(scarcity == 0.0, base - alpha, (most - alpha) * scarcity)
            alpha = np.maximum(1.0, alpha + change / tau_alpha)
        capacity = normal * (1.0 - gone) * alpha
        wanted = np.minimum(demand, capacity)
        part = np.ones(n)
        for s in range(sectors):
            need = wanted * share[s] * psi * (0.0 if np.isinf(days[s]) else days[s])
            held = (share[s] > 1e-5 / 365.0) & (need > 0.0)
            part[held] = np.minimum(part[held], stock[s, held] / need[held])
        output = wanted * part
        sent = orders * (output / demand)[:, None]
        unmet.append(wanted_by_users * (1.0 - output / demand))
        stock = stock - share * output + member @ sent
        goal = share * wanted * np.where(np.isinf(days), 0.0, days)[:, None]
        gap = np.where(np.isinf(stock), 0.0, np.maximum(0.0, goal - stock))
        buy = share * output + gap / tau_stock
        weights = flows * (capacity / normal)[:, None] if by_capacity else flows
        total = (member @ weights)[sector]
        orders = np.divide(weights, total, out=np.zeros_like(flows), where=total > 0.0) * buy[sector]
        outputs.append(output)
    return np.array(outputs), np.array(unmet), stock
