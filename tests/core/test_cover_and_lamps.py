import pytest

from ballast.core.cover import days_of_cover
from ballast.core.lamps import parts_cover_level


def test_cover_counts_usable_stock_over_daily_use():
    assert days_of_cover(600, 240) == 2.5
    assert days_of_cover(600, 240, blocked=120) == 2.0
    assert days_of_cover(100, 240, blocked=120) == 0.0


@pytest.mark.parametrize(("stock", "use"), [(None, 10), (10, None), (float("nan"), 10), (10, 0), (0, 0)])
def test_cover_is_unknown_without_figures_or_use(stock, use):
    assert days_of_cover(stock, use) is None


@pytest.mark.parametrize("figures", [(-1, 10, 0), (1, -10, 0), (1, 10, -2)])
def test_negative_figures_are_refused_with_their_value(figures):
    with pytest.raises(ValueError, match=r"is -\d+.*below 0"):
        days_of_cover(*figures)


@pytest.mark.parametrize(
    ("cover", "level"),
    [
        (0.0, "red"),
        (2.99, "red"),
        (3.0, "yellow"),
        (0.3 / 0.1, "yellow"),
        (6.99, "yellow"),
        (7.0, "blue"),
        (14.0, "normal"),
    ],
)
def test_parts_cover_below_three_days_is_red_and_three_is_not(cover, level):
    assert parts_cover_level(cover, 100) == level


def test_no_use_is_not_in_use_and_no_report_is_grey():
    assert parts_cover_level(None, 0) == "not_in_use"
    assert parts_cover_level(0.0, 0) == "not_in_use"
    assert parts_cover_level(None, 10) == "no_data"
    assert parts_cover_level(5.0, None) == "no_data"
    assert parts_cover_level(float("nan"), 10) == "no_data"


def test_a_negative_cover_is_refused():
    with pytest.raises(ValueError, match=r"cover_days is -0\.1"):
        parts_cover_level(-0.1, 10)
