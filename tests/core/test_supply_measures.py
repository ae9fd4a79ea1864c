"""Cover, gap, share of reporters, diffusion: worked numbers and what has no verdict."""

import numpy as np
import pytest

from ballast.core.series.diffusion import diffusion_index, purchasing_managers_index
from ballast.core.series.supply import cover_days, share_short, supply_gap
from ballast.core.series.verdicts import Verdict

USE = [400, 410, 390, 420, 380, 400, 400]


def test_cover_divides_by_the_larger_of_plan_and_recent_use():
    nan = [np.nan] * 6
    assert cover_days([*nan, 1200], USE).last[0] == 3.0
    assert cover_days([*nan, 1199], USE).last[0] == pytest.approx(2.9975)
    assert cover_days([*nan, 1200], USE, plan=[*nan, 600]).last[0] == 2.0
    assert cover_days([*nan, 1200], USE, plan=[*nan, 100]).last[0] == 3.0
    assert cover_days([*nan, 1200], USE, blocked=400).last[0] == 2.0
    assert cover_days([*nan, 1200], [np.nan] * 7).last[1] == Verdict.NO_VERDICT
    assert cover_days([1200], [0.0]).last[1] == Verdict.NO_VERDICT
    assert cover_days([np.nan], [400.0]).last[1] == Verdict.MISSING
    with pytest.raises(ValueError, match="stock -1 at place 1"):
        cover_days([-1], [400])


def test_gap_is_the_part_of_the_need_that_nothing_covers():
    found = supply_gap([100, 100, 100, 0, np.nan], [85, 120, 0, 5, 5])
    assert found.score[:3].tolist() == [0.15, 0.0, 1.0]
    assert found.verdict.tolist() == [0, 0, 0, Verdict.NO_VERDICT, Verdict.MISSING]
    assert supply_gap([100], [85], stock=5).last[0] == pytest.approx(0.10)


def test_share_of_reporters_counts_who_reported_only():
    found = share_short([2, 1, 0], [8, 4, 0])
    assert found.score[0] == 0.25
    assert found.verdict.tolist() == [0, Verdict.TOO_SHORT, Verdict.TOO_SHORT]
    with pytest.raises(ValueError, match="9 are short of 8"):
        share_short([9], [8])


def test_diffusion_index_and_pmi_give_the_worked_numbers():
    found = diffusion_index(40, 35, 25)
    assert found.index == pytest.approx(57.5)
    assert found.error == pytest.approx(100 * np.sqrt((0.4 + 0.35 / 4 - 0.575**2) / 100))
    may_2016 = {"new_orders": 50.7, "output": 52.3, "employment": 48.2, "stocks": 47.6}
    assert purchasing_managers_index(**may_2016, delivery=50.4, faster_is_higher=True) == pytest.approx(50.125)
    assert purchasing_managers_index(**may_2016, delivery=49.6, faster_is_higher=False) == pytest.approx(50.125)
    with pytest.raises(ValueError, match="0 up, 0 the same"):
        diffusion_index(0, 0, 0)
