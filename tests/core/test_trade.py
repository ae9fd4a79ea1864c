"""Measures of import dependence, their bounds, and verdicts."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ballast.core.columns import NetworkError
from ballast.core.dependence import among_years, import_measures, verdict

HOME = np.array([True, False, False, False])


def test_measures_by_hand():
    # Home uses 100: 20 of its own, 60 and 20 from two countries; it sells 40 abroad, the third country 60 to the first.
    flows = np.array([[20, 40, 0, 0], [60, 0, 0, 0], [20, 0, 0, 0], [0, 60, 0, 0]], dtype=float)
    found = {name: low for name, (low, high) in import_measures(flows, HOME).items() if low == high}
    assert found == pytest.approx(
        {
            "import_hhi": 0.75**2 + 0.25**2,
            "export_hhi": (40**2 + 60**2 + 20**2 + 60**2) / 180**2,
            "imports_to_exports": 2.0,
            "foreign_share": 0.8,
            "largest_foreign_share": 0.6,
        }
    )


def test_a_home_of_two_countries_weighs_outside_against_inner_trade():
    flows = np.array([[5, 3, 0], [1, 5, 0], [6, 6, 0]], dtype=float)
    found = import_measures(flows, np.array([True, True, False]))
    assert found["outside_share"] == pytest.approx((12 / 16, 12 / 16))
    assert found["foreign_share"] == pytest.approx((12 / 26, 12 / 26))
    assert "outside_share" not in import_measures(flows, np.array([True, False, False]))


def test_without_imports_or_exports():
    nothing = import_measures(np.diag([3.0, 1.0, 1.0, 1.0]), HOME)
    assert set(nothing) == {"foreign_share", "largest_foreign_share"}
    flows = np.zeros((4, 4))
    flows[1, 0] = 2.0
    assert import_measures(flows, HOME)["imports_to_exports"] == (np.inf, np.inf)
    assert import_measures(np.zeros((4, 4)), HOME) == {}


@settings(max_examples=100, deadline=None)
@given(seed=st.integers(0, 10**6), unknown=st.sampled_from([0.0, 1.0, 50.0]), rest=st.booleans())
def test_bounds_hold_every_division_of_what_is_unknown(seed, unknown, rest):
    rng = np.random.default_rng(seed)
    flows = rng.gamma(0.5, 10.0, (4, 4)) * (rng.random((4, 4)) < 0.7)
    many = np.array([False, False, False, rest])
    bounds = import_measures(flows, HOME, unknown=unknown, many=many)
    for pieces in (1, 1000):
        parts = rng.dirichlet(np.ones(4)) * unknown
        whole = flows.copy()
        whole[:, 0] += parts
        split = np.zeros((3 + pieces, 3 + pieces))
        split[:3, :3] = whole[:3, :3]
        split[3:, :3] = whole[3, :3] / pieces if rest else 0.0
        split[:3, 3:] = (whole[:3, 3] / pieces)[:, None]
        split[3, 3] = whole[3, 3]
        if not rest:
            split[3, :3] = whole[3, :3]
        home = np.arange(3 + pieces) == 0
        found = import_measures(split, home)
        for name in ("import_hhi", "foreign_share", "largest_foreign_share"):
            if name in found:
                low, high = bounds[name]
                assert low - 1e-9 <= found[name][0] <= high + 1e-9, name
        low, high = bounds.get("imports_to_exports", (0, np.inf))
        assert low - 1e-9 <= found.get("imports_to_exports", (low,))[0] <= high * (1 + 1e-9)


def test_verdicts_are_unknown_within_the_bounds():
    assert [verdict(b, 0.4) for b in ((0.5, 0.6), (0.1, 0.4), (0.4, 0.41))] == ["yes", "no", "unknown"]
    assert [verdict(b, 0.7, reached=True) for b in ((0.7, 0.7), (0.6, 0.7), (0.6, 0.69))] == ["yes", "unknown", "no"]


def test_years_that_are_not_there_are_unknown():
    said = {2007: "yes", 2008: "yes", 2011: "no"}
    assert among_years(said, 2008, at_least=2, of=3) == "yes"
    assert among_years(said, 2007, at_least=2, of=3) == "unknown"
    assert among_years({2009: "no", 2010: "no", 2011: "yes"}, 2011, at_least=2, of=3) == "no"


@pytest.mark.parametrize("bad", [-1.0, np.nan, np.inf])
def test_impossible_flows_are_refused(bad):
    flows = np.zeros((4, 4))
    flows[1, 2] = bad
    with pytest.raises(NetworkError, match="flows"):
        import_measures(flows, HOME)
