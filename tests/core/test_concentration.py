"""Concentration with bounds, against every way of dividing what is unknown."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ballast.core.columns import NetworkError
from ballast.core.dependence import concentration

NAN = float("nan")


def test_known_shares_give_the_index_and_its_inverse():
    found = concentration([0, 0, 0], [0, 1, 2], [50.0, 25.0, 25.0], subjects=1, sources=3)
    assert found.hhi_low[0] == found.hhi_high[0] == 0.375
    assert found.effective_low[0] == pytest.approx(8 / 3)
    assert (found.sources[0], found.largest[0], found.largest_low[0]) == (3, 0, 0.5)
    assert not found.single[0]
    assert not found.possibly_single[0]


def test_one_source_is_single_and_rows_of_one_source_add_up():
    found = concentration([0, 0, 1, 1], [4, 4, 0, 1], [1.0, 2.0, 1e-12, 1.0], subjects=2, sources=5)
    assert found.single.tolist() == [True, True]
    assert found.sources.tolist() == [1, 2]
    assert found.largest.tolist() == [4, 1]


def test_unknown_supply_is_a_bound_and_never_zero():
    # 60 % known, the rest from somewhere: a second source, many, or the same one.
    found = concentration([0], [0], [0.6], subjects=1, sources=1, open_=[0.4])
    assert (found.hhi_low[0], found.hhi_high[0]) == pytest.approx((0.36, 1.0))
    assert (found.largest_low[0], found.largest_high[0]) == pytest.approx((0.6, 1.0))
    assert found.possibly_single[0]
    assert not found.single[0]
    # From outside, so not from the same one.
    apart = concentration([0], [0], [0.6], subjects=1, sources=1, open_=[0.4], outsiders=True)
    assert (apart.hhi_low[0], apart.hhi_high[0]) == pytest.approx((0.36, 0.52))
    assert not apart.possibly_single[0]


def test_nothing_known_leaves_everything_open_and_nothing_supplied_is_no_number():
    found = concentration([0, 0], [0, 1], [NAN, NAN], subjects=2, sources=2, open_=[1.0, 0.0])
    assert (found.hhi_low[0], found.hhi_high[0], found.largest[0]) == (0.0, 1.0, -1)
    assert math.isinf(found.effective_high[0])
    assert np.isnan([found.hhi_low[1], found.hhi_high[1], found.largest_low[1], found.largest_high[1]]).all()


@pytest.mark.parametrize(
    ("subject", "source", "amount", "named"),
    [([0], [0], [-1.0], "-1"), ([0], [0], [math.inf], "inf"), ([3], [0], [1.0], "3"), ([0], [9], [1.0], "9")],
)
def test_impossible_rows_are_named(subject, source, amount, named):
    with pytest.raises(NetworkError, match=named):
        concentration(subject, source, amount, subjects=1, sources=1)


ROWS = st.lists(
    st.tuples(st.integers(0, 3), st.one_of(st.just(NAN), st.integers(0, 6).map(float))), min_size=1, max_size=6
)


def completions(rows, rest, open_, *, outsiders, steps=6):
    """Every way to divide the rest among the unknown sources in steps, the rest of all to one source or to many."""
    known, unknown = {}, set()
    for source, amount in rows:
        known.setdefault(source, 0.0)
        if math.isnan(amount):
            unknown.add(source)
        else:
            known[source] += amount
    if not unknown:
        rest, open_ = 0.0, open_ + rest
    places = sorted(unknown)
    for parts in itertools.product(range(steps + 1), repeat=max(0, len(places) - 1)):
        if sum(parts) > steps:
            continue
        pieces = [*parts, steps - sum(parts)] if places else []
        base = dict(known)
        for place, piece in zip(places, pieces, strict=True):
            base[place] += rest * piece / steps
        targets = ["new"] if outsiders else ["new", *known]
        for target in targets:
            yield {**base, target: base.get(target, 0.0) + open_}
        yield {**base, **{("many", k): open_ / 1000 for k in range(1000)}}


def index_of(amounts):
    total = sum(amounts.values())
    return sum((amount / total) ** 2 for amount in amounts.values()), max(amounts.values()) / total


@settings(max_examples=150, deadline=None)
@given(rows=ROWS, rest=st.integers(0, 5), open_=st.integers(0, 5), outsiders=st.booleans())
def test_bounds_hold_every_completion_and_the_upper_ones_are_reached(rows, rest, open_, outsiders):
    found = concentration(
        [0] * len(rows), [s for s, _ in rows], [a for _, a in rows],
        subjects=1, sources=4, rest=[rest], open_=[open_], outsiders=outsiders,
    )  # fmt: skip
    if sum(a for _, a in rows if not math.isnan(a)) + rest + open_ == 0:
        assert np.isnan(found.hhi_low[0])
        return
    values = [index_of(c) for c in completions(rows, rest, open_, outsiders=outsiders)]
    hhi, top = zip(*values, strict=True)
    assert found.hhi_low[0] <= min(hhi) + 1e-12
    assert max(hhi) == pytest.approx(found.hhi_high[0], abs=1e-12)
    assert found.largest_low[0] <= min(top) + 1e-12
    assert max(top) == pytest.approx(found.largest_high[0], abs=1e-12)
    # The lower ones are what filling up the smallest gives: a coarse division comes near.
    assert min(hhi) - found.hhi_low[0] < 0.05


def test_the_lower_bound_is_reached_by_filling_the_smallest_first():
    # 2, 1 and 0 known of three sources that share 3 more: 2 each.
    found = concentration([0] * 6, [0, 1, 2] * 2, [2.0, 1.0, 0.0, NAN, NAN, NAN], subjects=1, sources=3, rest=[3.0])
    assert found.hhi_low[0] == pytest.approx(1 / 3)
    assert found.largest_low[0] == pytest.approx(1 / 3)


@settings(max_examples=50, deadline=None)
@given(rows=ROWS, scale=st.sampled_from([1e-9, 0.1, 3.0, 1e10]))
def test_free_of_units_and_of_the_order_of_rows(rows, scale):
    def ask(order, factor):
        return concentration(
            [0] * len(order), [s for s, _ in order], [a * factor for _, a in order],
            subjects=1, sources=4, rest=[2.0 * factor],
        )  # fmt: skip

    first, scaled, turned = ask(rows, 1.0), ask(rows, scale), ask(rows[::-1], 1.0)
    assert first.hhi_low[0] == pytest.approx(scaled.hhi_low[0], nan_ok=True)
    assert first.hhi_high[0] == pytest.approx(scaled.hhi_high[0], nan_ok=True)
    assert first.hhi_high[0] == pytest.approx(turned.hhi_high[0], rel=1e-12, nan_ok=True)
    assert first.largest[0] == turned.largest[0]
