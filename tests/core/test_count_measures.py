"""EARS, EWMA, CUSUM and Farrington: worked numbers, published bounds, and an independent fit."""

import numpy as np
import pytest
from scipy.optimize import minimize

from ballast.core.series.counts import cusum, ears, ears_c3, ewma
from ballast.core.series.farrington import anscombe_residuals, farrington, outbreak_weights, upper_bound
from ballast.core.series.noufaily import negative_binomial_bound, noufaily, seasons_of

BASELINE = [4, 0, 0, 1, 6, 0, 2]


def test_ears_c1_gives_the_worked_numbers():
    found = ears([*BASELINE, 9])
    assert found.expected[-1] == pytest.approx(1.8571, abs=5e-5)
    assert found.bound[-1] == pytest.approx(8.8775, abs=5e-5)
    assert found.score[-1] == pytest.approx(3.052, abs=5e-4)
    assert found.alarm[-1]
    assert not ears([*BASELINE, 8]).alarm[-1]
    assert np.isnan(found.bound[:7]).all()
    assert not found.alarm[:7].any()


def test_ears_c2_leaves_the_two_periods_before_out():
    found = ears([*BASELINE, 50, 60, 9], gap=2)
    assert found.score[-1] == pytest.approx(3.052, abs=5e-4)
    assert not ears([*BASELINE, 50, 60, 9]).alarm[-1]


def plain_c3(counts, t):
    """Hutwagner's sums written out: C2 of each of three days by the seven days that end three days before it."""
    total = 0.0
    for day in (t - 2, t - 1, t):
        base = counts[day - 9 : day - 2]
        mean = sum(base) / 7
        spread = (sum((x - mean) ** 2 for x in base) / 6) ** 0.5
        total += max(0.0, (counts[day] - mean) / spread - 1.0)
    return total


def test_ears_c3_adds_three_days_of_a_slow_rise():
    counts = [4, 0, 0, 1, 6, 0, 2, 3, 1, 4, 5, 6, 7, 8]
    found = ears_c3(counts)
    assert np.isnan(found.score[:11]).all()
    assert found.score[11:].tolist() == pytest.approx([plain_c3(counts, t) for t in (11, 12, 13)], rel=1e-12)
    assert found.alarm.tolist() == [False] * 12 + [True] * 2
    # No single day passes C2 before the sum does.
    assert not ears(counts, gap=2).alarm[:13].any()
    # At its bound the sum is at the limit, one more passes it.
    bound = float(ears_c3([*counts[:11], 20]).bound[-1])
    assert ears_c3([*counts[:11], bound]).score[-1] == pytest.approx(2.0)
    assert np.isnan(ears_c3([*counts[:10], np.nan, 9, 9]).score[10:]).all()


def test_counts_at_the_edge_have_no_number_rather_than_a_wrong_one():
    assert np.isnan(ears([3, np.nan, *[3] * 7]).score[:9]).all()
    assert ears([3, np.nan, *[3] * 8]).score[-1] == 0.0
    with pytest.raises(ValueError, match=r"count 1e\+16 at place 1 is more than 1e\+15"):
        farrington([1e16])
    with pytest.raises(ValueError, match="1 years with 0 weeks on either side"):
        farrington([1.0] * 80, years=1, half_window=0)
    assert np.isnan(farrington([3.0] * 2 + [np.nan] * 297 + [4.0], partial=True).bound[-1])
    # Rare counts: the trend alone decides single weeks, and means fall to nothing; the bound stays a number.
    for rate, slope in ((0.05, 0.0), (0.3, -0.02), (2.0, 0.03)):
        drawn = np.random.default_rng(3).poisson(rate * np.exp(slope * np.arange(275)))
        found = farrington(drawn)
        known = ~np.isnan(found.bound)
        assert known.sum() == 275 - 263
        assert np.isfinite(found.bound[known]).all()
        assert (found.bound[known] >= found.expected[known]).all()


def test_a_baseline_without_spread_alarms_unless_a_floor_is_set():
    assert ears([0] * 7 + [1]).alarm[-1]
    assert ears([0] * 7 + [0]).score[-1] == 0.0
    assert not ears([0] * 7 + [1], least_deviation=0.5).alarm[-1]
    with pytest.raises(ValueError, match="baseline is 2"):
        ears(BASELINE, baseline=2)
    with pytest.raises(ValueError, match="count -1 at place 1"):
        ears([-1, 2])


def test_control_charts_give_the_worked_numbers():
    chart = ewma([0, 0, 1, 2, 3])
    assert chart.statistic[-1] == pytest.approx(1.048)
    assert chart.limit == pytest.approx(1.0)
    assert chart.alarm.tolist() == [False, False, False, False, True]
    sums = cusum([0, 0, 1, 2, 3])
    assert sums.statistic.tolist() == [0, 0, 0.5, 2, 4.5]
    assert sums.alarm.tolist() == [False, False, False, False, True]
    assert cusum([0, 0, 1, np.nan, 2, 3]).statistic[-1] == 4.5


def test_the_bound_and_the_weights_are_those_published():
    # R surveillance, tests of the threshold: fit 5, s.e. 0.2, phi 1, one-sided 5 %, power 2/3 and of the weights.
    assert upper_bound(5.0, 1.0, 0.2**2, alpha=0.10) == pytest.approx(9.1154825, abs=5e-7)
    np.testing.assert_allclose(outbreak_weights(np.array([0.0] * 5 + [2.0] * 5), limit=0.0), [1.6] * 5 + [0.4] * 5)


def test_a_constant_count_gives_no_alarm_and_a_bound_that_can_be_worked_out():
    found = farrington([10.0] * 300)
    known = ~np.isnan(found.bound)
    assert known.sum() == 300 - 263
    assert not found.alarm.any()
    # phi 1, 35 reference weeks: tau = 1 + 1/35.
    bound = 10 * (1 + 2 / 3 * 2.5758293 * np.sqrt((1 + 1 / 35) / 10)) ** 1.5
    np.testing.assert_allclose(found.bound[known], bound, rtol=1e-7)
    jump = farrington([10.0] * 299 + [20.0])
    assert jump.alarm[-1]
    assert jump.score[-1] == pytest.approx(10 / (bound - 10), rel=1e-6)


def test_few_cases_raise_no_alarm_and_short_histories_none():
    quiet = farrington([0.0] * 299 + [4.0])
    assert quiet.score[-1] == 0.0
    assert not quiet.alarm[-1]
    assert farrington([0.0] * 299 + [5.0]).alarm[-1]
    assert np.isnan(farrington([3.0] * 100).bound).all()
    gap = [10.0] * 300
    gap[299 - 52] = np.nan
    assert np.isnan(farrington(gap).bound[-1])
    assert farrington(gap, partial=True).bound[-1] > 10


def oracle(counts, now, years=5, half=3, alpha=0.01):
    """The published method step by step, each fit a plain minimisation of the deviance."""
    weeks = np.array([now - 52 * b + d for b in range(years, 0, -1) for d in range(-half, half + 1)])
    y = counts[weeks]

    def fit(x, weights):
        def loss(beta):
            eta = x @ beta
            return (weights * (np.exp(eta) - y * eta)).sum()

        beta = minimize(loss, [np.log(y.mean())] + [0.0] * (x.shape[1] - 1), method="BFGS", options={"gtol": 1e-9}).x
        mu = np.exp(x @ beta)
        inverse = np.linalg.inv(x.T @ (x * (weights * mu)[:, None]))
        hat = np.einsum("ij,jk,ik->i", x, inverse, x) * weights * mu
        phi = (weights * (y - mu) ** 2 / mu).sum() / (y.size - x.shape[1])
        return beta, mu, inverse, hat, phi

    def twice(x):
        _, mu, _, hat, phi = fit(x, np.ones(y.size))
        return fit(x, outbreak_weights(anscombe_residuals(y, mu, hat, max(phi, 1.0))))

    # Time in years keeps the minimisation well scaled.
    beta, _, inverse, _, phi = twice(np.column_stack([np.ones(y.size), (weeks - now) / 52.0]))
    strong = abs(beta[1]) / np.sqrt(phi * inverse[1, 1]) > 2.0345153  # Student's t, 33 degrees of freedom, 5 %
    kept = strong and np.exp(beta[0]) <= y.max()
    if not kept:
        beta, _, inverse, _, phi = twice(np.ones((y.size, 1)))
    mu, phi = np.exp(beta[0]), max(phi, 1.0)
    return mu, upper_bound(mu, phi, mu * mu * inverse[0, 0] * phi, alpha=alpha), kept


def test_noufaily_gives_the_published_bounds_and_equals_a_plain_fit():
    # R surveillance, tests of the threshold (nbPlugin): mean 5, 5 %, dispersion 1.5 and 1.
    assert [negative_binomial_bound(5.0, phi, alpha=0.05) for phi in (1.5, 1.0)] == [10.0, 9.0]
    weeks = np.arange(-263, -26)
    group = seasons_of(weeks, half_window=3, period=52, seasons=10)
    assert [int(one) for one in group[[0, 6, 7, 11, 12, 51, 52, -1]]] == [0, 0, 1, 1, 2, 9, 0, 5]
    counts = np.random.default_rng(8).poisson(np.exp(2.0 + np.sin(np.arange(264) / 52 * 2 * np.pi))).astype(float)
    counts[[100, 101]] = 90.0
    y, x = counts[weeks + 263], np.column_stack([np.ones(237), weeks / 52, group[:, None] == np.arange(1, 10)])

    def fit(weights):
        def loss(beta):
            return (weights * (np.exp(x @ beta) - y * (x @ beta))).sum()

        def slope(beta):
            return x.T @ (weights * (np.exp(x @ beta) - y))

        beta = minimize(loss, [np.log(y.mean())] + [0.0] * 10, jac=slope, method="BFGS", options={"gtol": 1e-7}).x
        mu = np.exp(x @ beta)
        inverse = np.linalg.inv(x.T @ (x * (weights * mu)[:, None]))
        hat = np.einsum("ij,jk,ik->i", x, inverse, x) * weights * mu
        return beta, mu, hat, max((weights * (y - mu) ** 2 / mu).sum() / (237 - 11), 1.0)

    _, mu, hat, phi = fit(np.ones(237))
    beta, *_, phi = fit(outbreak_weights(anscombe_residuals(y, mu, hat, phi), limit=2.58))
    found = noufaily(counts)
    assert found.expected[-1] == pytest.approx(np.exp(beta[0]), rel=1e-4)
    assert found.bound[-1] == negative_binomial_bound(np.exp(beta[0]), phi)
    assert np.isnan(found.bound[:263]).all()
    assert noufaily([*counts[:263], 60.0]).alarm[-1]
    assert noufaily([0.0] * 263 + [4.0]).score[-1] == 0.0
    known = counts.copy()
    known[[263 - 52 * year + day for year in range(1, 6) for day in range(-3, 4)]] = np.nan
    assert np.isnan(noufaily(known).score[-1]), "of the weeks around it none is known"
    known[263 - 52] = counts[263 - 52]
    assert np.isfinite(noufaily(known).bound[-1])
    with pytest.raises(ValueError, match="-5 weeks left out"):
        noufaily(counts, left_out=-5)
    with pytest.raises(ValueError, match="40 seasons with 3 weeks on either side"):
        noufaily(counts, seasons=40, period=45)


def test_farrington_equals_a_plain_fit_of_its_steps():
    random = np.random.default_rng(11)
    week = np.arange(330)
    trends = set()
    for slope in (0.003, -0.006):
        mean = np.exp(2.5 + 0.8 * np.sin(2 * np.pi * week / 52) + slope * week)
        counts = random.poisson(mean * random.gamma(2, 0.5, 330)).astype(float)
        counts[[120, 121, 122]] = 60.0  # an outbreak of the past, to be weighted down
        found = farrington(counts)
        for now in (264, 291, 310, 329):
            expected, bound, trend = oracle(counts, now)
            trends.add(bool(trend))
            assert found.expected[now] == pytest.approx(expected, rel=1e-4)
            assert found.bound[now] == pytest.approx(bound, rel=1e-4)
    assert trends == {True, False}
