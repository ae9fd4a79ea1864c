"""Indices from answers "up, the same, down": the diffusion index and the purchasing managers' index made of five."""

from dataclasses import dataclass

__all__ = ["Diffusion", "diffusion_index", "purchasing_managers_index"]

# National Bureau of Statistics and ISM before 2008: new orders, output, employment, delivery, stocks of materials.
_SHARES = {"new_orders": 0.30, "output": 0.25, "employment": 0.20, "delivery": 0.15, "stocks": 0.10}


@dataclass(frozen=True)
class Diffusion:
    """Index 0..100 (50: as many up as down), its standard error, and the answers behind it."""

    index: float
    error: float
    answers: float


def diffusion_index(up: float, same: float, down: float) -> Diffusion:
    """Per cent up plus half of per cent the same, from counts or weights of answers.

    Standard error of a multinomial sample, 100 sqrt((u + s / 4 - (u + s / 2)^2) / n); of no use on weights.
    ValueError when a figure is below 0 or nobody answered.
    """
    total = up + same + down
    if min(up, same, down) < 0 or total <= 0:
        msg = f"{up:g} up, {same:g} the same, {down:g} down: give counts from 0 up, one of them above 0."
        raise ValueError(msg)
    u, s = up / total, same / total
    index = u + s / 2
    variance = max(u + s / 4 - index * index, 0.0)
    return Diffusion(100.0 * index, 100.0 * (variance / total) ** 0.5, total)


def purchasing_managers_index(
    *,
    new_orders: float,
    output: float,
    employment: float,
    delivery: float,
    stocks: float,
    faster_is_higher: bool,
) -> float:
    """0.30 new orders + 0.25 output + 0.20 employment + 0.15 delivery + 0.10 stocks of materials.

    `faster_is_higher` says how the delivery index is published: China's rises when delivery is faster and is turned
    here; ISM's has its sign turned already. It has no default, because a guess would be wrong for one of them.
    """
    slower = 100.0 - delivery if faster_is_higher else delivery
    parts = {"new_orders": new_orders, "output": output, "employment": employment, "delivery": slower, "stocks": stocks}
    return sum(_SHARES[name] * value for name, value in parts.items())
