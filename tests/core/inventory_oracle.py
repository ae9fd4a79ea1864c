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


def run_network(network, damage, *, days, rationing="proportional", by="demand", tau=6.0, capacity=1.0, first=()):
    """[day][firm] output, normal is 1, of a network with all that tables know: outside, weights, lanes, odd stocks."""
    n = network.firms
    slots = [range(network.firm_slots[i], network.firm_slots[i + 1]) for i in range(n)]
    links = [range(network.slot_links[s], network.slot_links[s + 1]) for s in range(len(network.stock))]
    seller = network.supplier
    stock = {k: network.stock[s] for s, ks in enumerate(links) for k in ks}
    sent, rate, want = dict.fromkeys(stock, 0.0), [1.0] * n, [1.0] * n
    sales = [[k for k in stock if seller[k] == i] for i in range(n)]
    final = [network.final[i] if network.final[i] > 0.0 or sales[i] else 1.0 for i in range(n)]
    whole = [final[i] + sum(network.sale[k] for k in sales[i]) for i in range(n)]
    lane = {link: column for column, link in enumerate(damage.links)}
    outputs = []
    for day in range(days):
        most = [capacity] * n
        for column, i in enumerate(damage.firms):
            most[i] = capacity * (1.0 - damage.loss[day, column])
        order, cover = {}, [0.0] * len(links)
        for i in range(n):
            for s in slots[i]:
                before = sum(network.part[k] * stock[k] for k in links[s])
                used = min(rate[i], before) if day else 0.0
                for k in links[s]:
                    stock[k] += sent[k] - (stock[k] / before * used if before > 0.0 else 0.0)
                    order[k] = max(0.0, want[i] + (network.target[s] * want[i] - stock[k]) / tau)
                    if network.origin[k] in lane:
                        order[k] *= damage.left[day, lane[network.origin[k]]]
                cover[s] = sum(network.part[k] * stock[k] for k in links[s])
        for i in range(n):
            demand = (sum(order[k] * network.sale[k] for k in sales[i]) + final[i]) / whole[i]
            limit = min([most[i]] + [cover[s] for s in slots[i] if network.slot_essential[s]])
            lack = sum(
                network.slot_weight[s] * max(0.0, 1.0 - cover[s]) for s in slots[i] if not network.slot_essential[s]
            )
            rate[i] = max(0.0, min(limit, capacity - lack, demand))
            want[i] = rate[i] if by == "output" else min(most[i], demand)
            sent |= _sent(network, order, sales[i], final[i], rate[i] * whole[i], demand * whole[i], rationing, first)
        for k in stock:
            if seller[k] >= n:
                sent[k] = order[k] if seller[k] == n else 0.0
        outputs.append(list(rate))
    return outputs


def _sent(network, order, links, final, made, demand, rationing, first):
    """{link: sent, of its normal flow} of one firm."""
    asked = {k: order[k] * network.sale[k] for k in links} | {"final": final}
    if rationing == "priority" and made < demand:
        groups = [[k for k in links if network.customer[k] == f] for f in first]
        groups.append(["final"] + [k for k in links if network.customer[k] not in first])
        sent, left = {}, made
        for group in groups:
            total = sum(asked[key] for key in group)
            part = min(1.0, left / total) if total > 0.0 else 1.0
            sent |= {key: order[key] * part for key in group if key != "final"}
            left = max(0.0, left - total)
        return sent
    size = {k: network.sale[k] for k in links} | {"final": final}
    filled = _share_out(asked, size, made, demand, rationing, ())
    return {k: filled[k] / network.sale[k] if network.sale[k] > 0.0 else order[k] for k in links}
