"""Who flaps by kept ranks alone is who flaps by the values themselves."""

import numpy as np
import pytest

from ballast.core.warning import Grade, Limit, Rule, Scheme, States, Subjects, feed, flapping

_RULE = Rule("r", "1", Scheme("one", (Grade("red", "red", "红"),)), Subjects("need"), "m", (Limit("red", below=3.0),))


@pytest.mark.parametrize("seed", range(4))
def test_ranks_and_values_say_the_same_with_gaps_between(seed):
    random = np.random.default_rng(seed)
    values = np.where(random.random((60, 40)) < random.random(40), 1.0, 9.0)
    values[random.random(values.shape) < 0.2] = np.nan
    last = [states.flapping for states in feed(_RULE, States.start(_RULE, 40), 0, values)][-1]
    ranks = np.where(np.isnan(values), -1, values < 3.0).astype(np.int8)
    assert flapping(ranks).tolist() == last.tolist()
    assert 0 < last.sum() < 40, "both kinds are among them"


def test_six_changes_in_twenty_begin_it_and_five_do_not():
    def of(changes):
        row = [0] * 14 + [k % 2 for k in range(1, changes + 1)]
        return bool(flapping(np.array(row, np.int8)[:, None])[0])

    assert (of(5), of(6)) == (False, True)
