"""Figures as people read them, in both languages."""

import pytest
from django.template import Context, Template
from django.utils import translation

from ballast.web import figures


@pytest.mark.parametrize(
    ("value", "english", "chinese"),
    [
        (None, "–", "–"),
        (0, "¥0", "0元"),
        (41_200_000, "¥41.2 M", "4,120万元"),
        (1_864_000_000, "¥1.86 bn", "18.6亿元"),
        (999_999, "¥1.00 M", "100万元"),
        (-5_500, "−¥5.50 k", "−5,500元"),
    ],
)
def test_money(value, english, chinese):
    with translation.override("en"):
        assert figures.money(value) == english
    with translation.override("zh-hans"):
        assert figures.money(value) == chinese


def test_money_names_other_currencies():
    token = figures.currency.set("CHF")
    try:
        assert figures.money(2e6) == "CHF 2.00 M"
    finally:
        figures.currency.reset(token)


def test_days_are_cut_not_rounded_so_the_red_line_holds():
    assert figures.days(2.99) == "2.9 d"
    assert figures.days(3.0) == "3.0 d"
    assert figures.days(0.3) == "0.3 d"
    assert figures.days(None) == "–"
    assert figures.days("") == "–", "as a template gives what is not there"


def test_numbers_have_groups_and_no_needless_decimals():
    assert [figures.number(v) for v in (1624, 12.5, 0.25, None, 1234567.8)] == [
        "1,624",
        "12.5",
        "0.25",
        "–",
        "1,234,568",
    ]


def test_signed_and_percent():
    assert [figures.signed(v) for v in (3, -2, 0, None)] == ["+3", "−2", "±0", "–"]
    assert figures.percent(578 / 666) == "86.8 %"


def render(source, rf, address="/", **context):
    return Template(source).render(Context({"request": rf.get(address), **context}))


def test_lamp_has_shape_and_word_for_every_level(rf):
    for level, word in (("red", "red"), ("no_data", "no report"), ("", "no report"), ("not_in_use", "not in use")):
        html = render("{% lamp level %}", rf, level=level)
        assert "<svg" in html
        assert word in html
        assert f'aria-label="{word}"' in render("{% lamp level bare=True %}", rf, level=level)


def test_sorting_keeps_filters_and_turns_round(rf):
    assert 'href="?level=red&amp;sort=-name"' in render(
        '{% sortable "name" "Name" %}', rf, "/?level=red&sort=name&page=3"
    )
    assert 'href="?level=red&amp;sort=name"' in render('{% sortable "name" "Name" %}', rf, "/?level=red&page=3")


def test_chip_sets_and_clears_its_filter(rf):
    assert 'href="?q=a&amp;level=red"' in render('{% chip "level" "red" "Red" %}', rf, "/?q=a&page=2")
    assert 'href="?q=a"' in render('{% chip "level" "red" "Red" %}', rf, "/?q=a&level=red")


def test_views_switch_and_keep_the_filters(rf):
    switch = '{% views "" "List" "board" "Board" %}'
    page = render(switch, rf, "/?q=a&view=board&page=2")
    assert '<a class="on" href="?q=a&amp;view=board" aria-current="true">Board</a>' in page
    assert '<a class="" href="?q=a">List</a>' in page
    assert 'class="on" href="?"' in render(switch, rf, "/?view=nonsense")


def test_cover_as_a_bar_ends_at_the_mildest_threshold(rf):
    assert 'class="bar-red" style="width:10.0%"' in render('{% cover_bar "red" 1.4 %}', rf)
    assert 'class="bar-normal" style="width:100.0%"' in render('{% cover_bar "normal" cover %}', rf, cover=float("inf"))
    assert 'style="width:0.0%"' in render('{% cover_bar "no_data" None %}', rf)
    assert render('{% cover_bar "blue" 9 %}', rf).count("<b ") == 2


def test_share_as_a_bar_stays_within_the_whole(rf):
    assert 'style="width:74.0%"' in render("{% share_bar 0.74 %}", rf)
    assert 'style="width:100.0%"' in render("{% share_bar 1.2 %}", rf)
    assert 'style="width:0.0%"' in render("{% share_bar None %}", rf)


def test_pager_keeps_parameters(rf):
    from django.core.paginator import Paginator

    html = render("{% pager page %}", rf, "/?q=a", page=Paginator(range(1000), 50).page(2))
    assert "51–100 of 1,000" in html
    assert "?q=a&amp;page=3" in html


def test_labels_are_escaped(rf):
    assert "<b>" not in render('{% chip "q" value value %}', rf, value="<b>")
