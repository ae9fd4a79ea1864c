"""A Parquet file is judged as the same table written as text."""

import datetime as dt
import math

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.tables import folders

from ballast.tables import cells
from ballast.tables.folder import read_folder
from ballast.tables.raw import as_text
from ballast.tables.schema import table

FIGURE = st.none() | st.sampled_from([0.0, -0.0, 1.0, -1.0, 0.1, 3.5, 1e300, math.inf, -math.inf, math.nan, 2.0**40])
WHOLE = st.none() | st.integers(-(2**40), 2**40) | st.integers(-2, 3)


def told(path):
    folder = read_folder(path)
    problems = [(p.file.partition(".")[0], p.row, p.column, p.value, p.code) for p in folder.problems]
    return problems, folder


@pytest.mark.parametrize("name", ["daily_use", "outside_share", "latitude", "recovery_days", "minimum_rate"])
@settings(max_examples=60, deadline=None)
@given(column=st.lists(FIGURE, min_size=1, max_size=6).map(lambda v: pl.Series(v, dtype=pl.Float64)) | st.lists(
    WHOLE, min_size=1, max_size=6).map(lambda v: pl.Series(v, dtype=pl.Int64)) | st.lists(
    st.booleans(), min_size=1, max_size=6).map(lambda v: pl.Series(v, dtype=pl.Boolean)))  # fmt: skip
def test_typed_figures_are_judged_as_their_text(name, column):
    schema = table("needs" if name in table("needs").names else "sites")[name]
    typed, text = cells.parse(schema, column), cells.parse(schema, as_text(column))
    assert typed.values.equals(text.values)
    assert typed.wrong.to_list() == text.wrong.to_list()
    assert typed.codes.to_list() == text.codes.to_list()


@settings(max_examples=30, deadline=None)
@given(
    dates=st.lists(
        st.none() | st.dates(dt.date(1880, 1, 1), dt.date(2300, 1, 1)) | st.just(dt.date(2022, 4, 1)),
        min_size=1,
        max_size=5,
    )
)
def test_typed_days_are_judged_as_their_text(dates):
    for schema, dtype in ((table("links")["as_of"], pl.Date), (table("needs")["reported_at"], pl.Datetime("us"))):
        column = pl.Series(dates, dtype=pl.Date).cast(dtype)
        typed, text = cells.parse(schema, column), cells.parse(schema, as_text(column))
        assert typed.values.equals(text.values)
        assert (typed.wrong.to_list(), typed.codes.to_list()) == (text.wrong.to_list(), text.codes.to_list())


def test_lengths_of_time_are_no_days():
    found = cells.parse(table("events")["start"], pl.Series([dt.timedelta(days=2)]))
    assert found.codes.to_list() == ["not_a_day"]


def test_wrong_rows_are_named_as_in_a_text_file(tmp_path):
    text = folders.TABLES["needs"].replace(",10,t,40,5", ",-10,t,40,5").replace("100,piece", "NaN,piece")
    told_text, _ = told(folders.write(tmp_path / "a", needs=text))
    frame = pl.read_csv(text.encode(), infer_schema_length=None)
    assert frame["daily_use"].dtype == pl.Float64
    path = folders.write(tmp_path / "b", needs=None)
    frame.write_parquet(path / "needs.parquet")
    told_typed, _ = told(path)
    assert [(*p[:3], p[4]) for p in told_typed] == [(*p[:3], p[4]) for p in told_text]
    assert [(p[3], p[4]) for p in told_typed] == [("-10.0", "negative"), ("NaN", "not_finite")]


def test_refused_rows_come_back_as_text_with_the_reason(tmp_path):
    path = folders.write(tmp_path / "a", needs=None)
    text = folders.TABLES["needs"].replace(",10,t,40,5", ",-10,t,40,5")
    pl.read_csv(text.encode(), infer_schema_length=None).write_parquet(path / "needs.parquet")
    bad = read_folder(path, partial=True).bad_rows["needs"].frame
    assert bad["bad_row"].to_list() == [2]
    assert bad["daily_use"].dtype == pl.String
    assert "daily_use" in bad["bad_reason"][0]


@pytest.mark.parametrize(
    "codes",
    [
        pl.Series([" ore", "part ", "\tcar", ""]),
        pl.Series(["ore", "part", "car", None], dtype=pl.Categorical),
        pl.Series(["ore", "part", "car", " "]),
    ],
)
def test_spaces_and_other_kinds_of_text_change_nothing(tmp_path, codes):
    path = folders.write(tmp_path / "a", products=None)
    good = read_folder(folders.write(tmp_path / "b"))
    frame = pl.DataFrame(
        {"product": codes, "name": ["Ore", "Part", "Car", "x"], "unit": ["t", "piece", "vehicle", "t"]}
    )
    frame.write_parquet(path / "products.parquet")
    problems, folder = told(path)
    assert problems == [("products", 5, "product", "", "required")]
    assert folder.frames["products"]["product"][:3].to_list() == good.frames["products"]["product"].to_list()


def test_figures_of_single_precision_mean_what_they_are_written_as(tmp_path):
    schema = table("needs")["daily_use"]
    assert cells.parse(schema, pl.Series([0.1], dtype=pl.Float32)).values.to_list() == [0.1]


def test_a_link_that_stands_twice_among_many_is_found_with_its_first_row(tmp_path):
    count = 3_000
    numbers = pl.Series(range(count)).cast(pl.String)
    sites = pl.DataFrame(
        {"site_id": "M" + numbers, "enterprise_id": "E1", "name": "x", "region": "310000", "product": "part"}
    )
    links = pl.DataFrame({"supplier_site": "M" + numbers, "customer_site": "S9", "product": "part"})
    user = pl.DataFrame({"site_id": ["S9"], "enterprise_id": "E1", "name": "x", "region": "310000", "product": "car"})
    path = folders.write(
        tmp_path / "a",
        sites=None,
        links=None,
        events=None,
        offers=None,
        needs="site_id,product,daily_use,unit\nS9,part,1,piece\n",
    )
    pl.concat([sites, user]).write_parquet(path / "sites.parquet")
    pl.concat([links, links[7:8], links[7:8]]).write_parquet(path / "links.parquet")
    folder = read_folder(path)
    found = [(p.file, p.row, p.code, p.details.get("first")) for p in folder.problems if p.code == "duplicate"]
    assert found == [("links.parquet", count + 2, "duplicate", 9), ("links.parquet", count + 3, "duplicate", 9)]
