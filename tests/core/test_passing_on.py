"""Cost pass-through: an example by hand, the plain rounds of passing on, and what adds up."""

import numpy as np
import pytest

from ballast.core.columns import NetworkError
from ballast.core.dependence.leontief import country_table
from ballast.core.dependence.passing_on import passed_on


def table(purchases, output):
    n = len(output)
    return country_table(
        countries=["X"], sectors=[f"s{i}" for i in range(n)], country=[0] * n, sector=list(range(n)),
        purchases=purchases, output=output,
    )  # fmt: skip


def test_a_chain_by_hand():
    # Ore is half the cost of metal, metal a fifth of cars: 20 % dearer ore makes metal 10 %, cars 2 % dearer.
    made = table([[0, 50, 0], [0, 0, 20], [0, 0, 0]], [100, 100, 100])
    np.testing.assert_allclose(passed_on(made, [True, False, False], 0.2), [0.2, 0.1, 0.02])
    with pytest.raises(NetworkError, match="0 of 3 names no sector"):
        passed_on(made, [False] * 3)


def test_it_equals_passing_on_round_by_round():
    random = np.random.default_rng(3)
    output = random.uniform(50, 150, 12)
    output[11] = 0.0
    purchases = random.uniform(0, 1, (12, 12)) * output * 0.06
    made = table(purchases, output)
    dearer = np.arange(12) < 2
    share = np.divide(purchases, output, out=np.zeros((12, 12)), where=output > 0)
    price = np.where(dearer, 0.3, 0.0)
    for _ in range(400):
        price = np.where(dearer, 0.3, share.T @ price)
    found = passed_on(made, dearer, 0.3)
    np.testing.assert_allclose(found, np.where(output > 0, price, 0.0), rtol=1e-9)
    # The currency does not matter, twice the rise passes on twice, and two sectors add up to their joint effect.
    np.testing.assert_allclose(passed_on(table(7.1 * purchases, 7.1 * output), dearer, 0.3), found)
    np.testing.assert_allclose(passed_on(made, dearer, 0.6), 2 * found)
    parts = [passed_on(made, dearer, [0.3 * (k == one) for k in range(12)]) for one in (0, 1)]
    np.testing.assert_allclose(sum(parts), found)
