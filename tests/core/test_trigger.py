"""When a prepared measure is proposed: counts day by day, and how long they hold."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ballast.core.trigger import Holding, Trigger, counted, holding


def test_inputs_are_counted_and_plants_as_a_share_each_once():
    lit = np.array([[False, False, False], [True, True, False], [True, True, True]])
    plants = np.array([0, 0, 1])
    assert counted("count", lit, plants, 2).tolist() == [0, 2, 3]
    assert counted("share", lit, plants, 4).tolist() == [0, 25, 50]
    assert counted("share", lit[:, :0], plants[:0], 0).tolist() == [0, 0, 0]


def test_a_limit_that_is_never_or_always_met_is_refused():
    for bad in ({"at_least": 0}, {"at_least": 101}, {"at_least": float("nan")}, {"at_least": 5, "days": 0}):
        with pytest.raises(ValueError, match="give"):
            Trigger("share", **bad)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 3), min_size=1, max_size=12), st.integers(1, 4))
def test_it_holds_when_the_last_days_were_all_at_the_limit(values, days):
    found = holding(Trigger("count", 2, days=days), np.array(values, float))
    run = 0
    for value in reversed(values):
        if value < 2:
            break
        run += 1
    assert found == Holding(run >= days, len(values) - run if run else None)
