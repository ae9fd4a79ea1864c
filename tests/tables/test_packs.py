"""Indicator packs are data with a source and a date; countries have one code under many names."""

import datetime as dt

import pytest

from ballast.core.columns import NetworkError
from ballast.tables.economies import country_code, economy, home_codes
from ballast.tables.packs import MEASURES, pack, packs


def test_every_pack_says_where_its_limits_come_from():
    assert {"geodep", "eu-2021", "crma", "ballast"} <= set(packs())
    for code, found in packs().items():
        assert found.code == code
        assert len(found.source) > 30
        assert found.name_zh
        assert isinstance(found.effective, dt.date)
        assert found.tests
        assert all(test.measure in MEASURES and test.name_zh for test in found.tests)


def test_limits_as_published():
    limits = {(code, test.measure): (test.limit, test.reached) for code, p in packs().items() for test in p.tests}
    assert limits["geodep", "import_hhi"] == (0.4, False)
    assert limits["geodep", "export_hhi"] == (0.4, False)
    assert limits["geodep", "imports_to_exports"] == (1.0, False)
    assert limits["eu-2021", "outside_share"] == (0.5, False)
    assert limits["crma", "largest_foreign_share"] == (0.65, False)
    assert (packs()["geodep"].at_least, packs()["geodep"].of) == (2, 3)
    assert packs()["crma"].effective == dt.date(2024, 5, 23)


GOOD = """
name = "N"
name_zh = "N"
source = "S"
effective = 2024-01-01
[[test]]
name = "t"
name_zh = "t"
measure = "hhi"
above = 0.4
"""


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (('measure = "hhi"', 'measure = "hi"'), "'hi' is no measure"),
        (('source = "S"', ""), "source"),
        (("=", "=="), "mine"),
    ],
)
def test_a_pack_that_cannot_be_is_named(change, named):
    assert pack("mine", GOOD).tests[0].limit == 0.4
    with pytest.raises(NetworkError, match=named):
        pack("mine", GOOD.replace(*change))


def test_countries_by_any_name():
    assert [country_code(n, file="f") for n in ("CHN", "CN", "Korea (Rep. of)", "MAL", "TWN", "ROM", "RoW")] == [
        "CN", "CN", "KR", "MY", "CN-TW", "RO", "ROW",
    ]  # fmt: skip
    with pytest.raises(NetworkError, match=r"f: 'Germny' is no country.*Germany"):
        country_code("Germny", file="f")


def test_country_of_a_region():
    assert [economy(r) for r in ("310115", "810000", "CN-SH", "DE-BY", "JPN", "")] == [
        "CN", "CN-HK", "CN", "DE", "JP", "",
    ]  # fmt: skip


def test_a_group_has_the_members_of_the_day():
    assert len(home_codes(["EU"], on=dt.date(2011, 12, 31))) == 27
    assert "GB" in home_codes(["EU"], on=dt.date(2020, 1, 31))
    today = home_codes(["EU"], on=dt.date(2024, 1, 1))
    assert len(today) == 27
    assert "HR" in today
    assert "GB" not in today
    assert home_codes(["CHN", "CN-TW"], on=dt.date(2011, 1, 1)) == {"CN", "CN-TW"}
