"""Foreign shares and choke points from their definitions: dictionaries, dense matrices, removal one by one."""

import itertools

import numpy as np

NOTHING = 1e-9


def least_solution(moves, ends):
    """Chance to end abroad: the least x with x = moves x + ends; 0 where no end can be reached."""
    n = len(ends)
    reach = {i for i in range(n) if ends[i] > 0}
    while True:
        more = {i for i in range(n) if i not in reach and any(moves[i][j] > 0 for j in reach)}
        if not more:
            break
        reach |= more
    inside = sorted(reach)
    x = np.zeros(n)
    if inside:
        part = np.array(moves)[np.ix_(inside, inside)]
        x[inside] = np.linalg.solve(np.eye(len(inside)) - part, np.array(ends)[inside])
    return x


def foreign(network, home, known, weight, own):
    """{bound: {part: values}} over every way to give each unknown rest to one of its links, outside home or abroad."""
    n, s, m = network.sites, network.slots, network.links
    share = np.array(network.link_share)
    links = {k: [a for a in range(m) if network.link_slot[a] == k] for k in range(s)}
    open_links = {k: [a for a in links[k] if not known[a]] for k in range(s)}
    choices = [open_links[k] or [None] for k in range(s)]
    total_weight = [sum(weight[k] for k in range(s) if network.slot_site[k] == i) for i in range(n)]
    found = {}
    for bound, outside_abroad, pick in (("low", 0.0, min), ("high", 1.0, max)):
        corners = []
        for choice in itertools.product(*choices):
            parts = [{} for _ in range(s)]
            ends = np.zeros(s)
            for k in range(s):
                arrives = sum(share[a] for a in links[k]) + network.slot_outside[k]
                if arrives == 0:
                    ends[k] = outside_abroad
                    continue
                outside = network.slot_outside[k] / arrives
                ends[k] = outside * outside_abroad if outside > NOTHING else 0.0
                rest = sum(share[a] for a in open_links[k])
                for a in links[k]:
                    part = (share[a] if known[a] else rest * (a == choice[k])) / arrives
                    supplier = network.link_supplier[a]
                    if home[supplier] != home[network.slot_site[k]]:
                        ends[k] += part
                    else:
                        parts[k][supplier] = parts[k].get(supplier, 0.0) + part
            moves, stops = np.zeros((n, n)), np.zeros(n)
            for k in range(s):
                i = network.slot_site[k]
                added = own[i] if not np.isnan(own[i]) else 1.0 - outside_abroad
                chance = weight[k] / total_weight[i] * (1.0 - added)
                stops[i] += chance * ends[k]
                for j, part in parts[k].items():
                    moves[i][j] += chance * part
            value = least_solution(moves, stops)
            through = [ends[k] + sum(part * value[j] for j, part in parts[k].items()) for k in range(s)]
            corners.append((ends, through, stops, value))
        names = ("slot_face", "slot_through", "site_face", "site_through")
        found[bound] = {
            name: np.array([pick(c[at][i] for c in corners) for i in range(len(corners[0][at]))])
            for at, name in enumerate(names)
        }
    return found


def supplied(network, product, live, gone=frozenset()):
    """Slots that a source of their product reaches when some sites are gone."""
    place = {(network.slot_site[k], product[k]): k for k in range(network.slots)}
    reached = {k for k in range(network.slots) if network.slot_outside[k] > NOTHING}
    while True:
        more = set()
        for a in live:
            k, supplier = network.link_slot[a], network.link_supplier[a]
            via = place.get((supplier, product[k]))
            if supplier not in gone and (via is None or not network.slot_essential[via] or via in reached):
                more.add(int(k))
        if more <= reached:
            return reached
        reached |= more


def cuts(network, product, live, group):
    """{(group, slot)} of others' slots that lose all supply of their product when the group is removed."""
    whole = supplied(network, product, live)
    return {
        (g, k)
        for g in set(group)
        for k in whole - supplied(network, product, live, {i for i in range(network.sites) if group[i] == g})
        if group[network.slot_site[k]] != g
    }


def stops(network, live, group, g):
    """Other sites that stop when a group is removed: an essential slot has lost its last supplier."""
    gone = {i for i in range(network.sites) if group[i] == g}
    down = set(gone)
    suppliers = {k: [network.link_supplier[a] for a in live if network.link_slot[a] == k] for k in range(network.slots)}
    while True:
        more = {
            int(network.slot_site[k])
            for k in range(network.slots)
            if network.slot_essential[k]
            and network.slot_outside[k] <= NOTHING
            and suppliers[k]
            and all(i in down for i in suppliers[k])
        }
        if more <= down:
            return down - gone
        down |= more
