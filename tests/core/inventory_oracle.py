"""The inventory model as one would write it at first: dictionaries, money, one day after the other."""


def run(
    firms, links, final, industry, *, days, n=15.0, tau=6.0, rationing="proportional", first=(), loss=None, by="demand"
):
    """[day][firm] output in money, and [day] final demand met.

    `links` {(supplier, customer): money a day}, `final` {firm: money a day}, `loss` (day, firm) -> 0..1.
    Stock of i from j: what arrived less its part of what i used of that industry's goods.
    """
    normal = {f: final[f] + sum(v for (s, _), v in links.items() if s == f) for f in firms}
    stock = {key: n * v for key, v in links.items()}
    delivered, made, want = dict.fromkeys(links, 0.0), dict(normal), dict(normal)
    inputs = {f: {} for f in firms}
    for (s, c), v in links.items():
        inputs[c].setdefault(industry[s], {})[s] = v
    outputs, met = [], []
    for day in range(days):
        for c in firms:
            for sellers in inputs[c].values():
                held, need = sum(stock[s, c] for s in sellers), sum(sellers.values())
                used = made[c] / normal[c] * need if day else 0.0
                for s in sellers:
                    part = stock[s, c] / held if held > 0.0 else 0.0
                    stock[s, c] = max(0.0, stock[s, c] - part * used) + delivered[s, c]
        order = {
            (s, c): max(0.0, v * want[c] / normal[c] + (n * v * want[c] / normal[c] - stock[s, c]) / tau)
            for (s, c), v in links.items()
        }
        demand = {f: final[f] + sum(o for (s, _), o in order.items() if s == f) for f in firms}
        for f in firms:
            most = normal[f] * (1.0 - (loss(day, f) if loss else 0.0))
            want[f] = min(most, demand[f])
            for sellers in inputs[f].values():
                most = min(most, sum(stock[s, f] for s in sellers) / sum(sellers.values()) * normal[f])
            made[f] = min(most, demand[f])
            if by == "output":
                want[f] = made[f]
        got = dict.fromkeys(firms, 0.0)
        for f in firms:
            asked = {c: o for (s, c), o in order.items() if s == f} | {"final": final[f]}
            size = {c: v for (s, c), v in links.items() if s == f} | {"final": final[f]}
            filled = _share_out(asked, size, made[f], demand[f], rationing, first)
            got[f] = filled.pop("final")
            delivered |= {(f, c): v for c, v in filled.items()}
        outputs.append(dict(made))
        met.append(dict(got))
    return outputs, met


def _share_out(asked, size, made, demand, rationing, first):
    if made >= demand:
        return asked
    if rationing == "proportional":
        return {c: o * made / demand for c, o in asked.items()}
    if rationing == "priority":
        filled, left = {}, made
        groups = [[f] for f in first if f in asked] + [[c for c in asked if c not in first]]
        for group in groups:
            want = sum(asked[c] for c in group)
            part = min(1.0, left / want) if want > 0.0 else 1.0
            filled |= {c: asked[c] * part for c in group}
            left = max(0.0, left - want)
        return filled
    low, high = 0.0, max((asked[c] / size[c] for c in asked if size[c] > 0.0), default=0.0)
    for _ in range(200):
        level = (low + high) / 2
        low, high = (level, high) if sum(min(asked[c], level * size[c]) for c in asked) < made else (low, level)
    return {c: min(asked[c], low * size[c]) for c in asked}
