# ruff: noqa: E501
import datetime as dt
import io
import re
import zipfile

import polars as pl
import pytest
import xlsxwriter
from tests.tables import folders
from tests.tables.folders import changed

from ballast.tables.folder import read_folder, replace_folder, write_folder
from ballast.tables.guards import Limits
from ballast.tables.schema import TABLES, table

DAY = dt.date(2022, 4, 28)


def problems(path, **kwargs):
    return [(p.file, p.row, p.column, p.value, p.code) for p in read_folder(path, **kwargs).problems]


def sheet(path, *rows, name="Sheet1"):
    book = xlsxwriter.Workbook(path)
    page = book.add_worksheet(name)
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    for at, row in enumerate(rows):
        for place, value in enumerate(row):
            if isinstance(value, dt.date):
                page.write_datetime(at, place, dt.datetime.combine(value, dt.time()), day)
            elif isinstance(value, str) and value.startswith("="):
                page.write_formula(at, place, value, None, "#N/A")
            elif value is not None:
                page.write(at, place, value)
    return book, page


def test_a_full_folder_is_good_and_typed(tmp_path):
    folder = read_folder(folders.write(tmp_path / "a"), day0=DAY)
    assert folder.good
    assert folder.counts == {
        "products": 3, "enterprises": 3, "sites": 3, "needs": 3, "links": 3, "events": 5, "offers": 2, "requests": 1,
        "series": 2, "commodities": 2,
    }  # fmt: skip
    needs, events = folder.frames["needs"], folder.frames["events"]
    assert needs["stock"].to_list() == [40.0, 250.0, None]
    assert needs["blocked_stock"].to_list() == [5.0, 0.0, 0.0]
    assert needs["essential"].to_list() == [True, True, False]
    assert needs["reported_at"][0] == dt.datetime(2022, 4, 28, 8, tzinfo=dt.UTC)
    assert events["start"].to_list() == [0, -27, 3, 3, 3]
    assert events["end"].to_list() == [9, None, 4, None, None]
    assert folder.frames["links"]["provenance"].to_list() == ["verified", "reported", "inferred"]


def test_columns_stand_in_the_order_of_the_schema_whatever_the_file_says(tmp_path):
    text = "name,unit,product\nOre,t,ore\nPart,piece,part\nCar,vehicle,car\n"
    folder = read_folder(folders.write(tmp_path / "a", products=text))
    assert folder.good
    assert tuple(folder.frames["products"].columns) == table("products").names


def test_absent_tables_have_frames_without_rows(tmp_path):
    folder = read_folder(folders.write(tmp_path / "a", offers=None, requests=None, series=None))
    assert folder.good
    assert folder.frames["series"].is_empty()
    assert "series" not in folder.counts


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_encodings_give_the_same_tables(tmp_path, encoding):
    good = read_folder(folders.write(tmp_path / "a"))
    assert read_folder(folders.write(tmp_path / "b", encoding)).digest == good.digest


@pytest.mark.parametrize("separator", [";", "\t"])
def test_other_separators_are_seen(tmp_path, separator):
    text = folders.TABLES["needs"].replace(",", separator)
    assert read_folder(folders.write(tmp_path / "b", needs=text)).good


@pytest.mark.parametrize("format", ["csv", "xlsx", "parquet"])
def test_what_is_written_reads_back_equal_and_is_the_same_bytes_each_time(tmp_path, format):
    folder = read_folder(folders.write(tmp_path / "in"))
    frames = folder.frames | {"sites": folder.frames["sites"].with_columns(daily_output_value=pl.lit(0.1 + 0.2))}
    first, second = (write_folder(frames, tmp_path / d, format=format) for d in ("1", "2"))
    again = read_folder(tmp_path / "1")
    assert again.good
    assert all(again.frames[name].equals(frames[name]) for name in TABLES)
    assert [p.read_bytes() for p in first] == [p.read_bytes() for p in second]


def test_the_digest_does_not_depend_on_the_order_of_rows(tmp_path):
    head, *rows = folders.TABLES["sites"].splitlines(keepends=True)
    turned = {"sites": head + "".join(reversed(rows))}
    good = read_folder(folders.write(tmp_path / "a"))
    assert read_folder(folders.write(tmp_path / "b", **turned)).digest == good.digest
    other = read_folder(folders.write(tmp_path / "c", **changed("sites", "Works", "Other works")))
    assert other.digest != good.digest


def test_wide_digits_and_signs_are_read_as_what_they_are(tmp_path):
    folder = read_folder(folders.write(tmp_path, **changed("needs", "ore,10,t,40", "ore,１０,t,４０．５")))
    assert folder.frames["needs"].row(0, named=True)["daily_use"] == 10.0
    assert folder.frames["needs"].row(0, named=True)["stock"] == 40.5
    shut = read_folder(folders.write(tmp_path / "b", **changed("events", "2022-05-07", "２０２２－０５－０７")))
    assert shut.frames["events"].row(0, named=True)["end"] == "2022-05-07"


@pytest.mark.parametrize(
    ("replaced", "expected"),
    [
        (changed("needs", ",40,5", ",-40,5"), ("needs.csv", 2, "stock", "-40", "negative")),
        (changed("needs", "ore,10,t,40", "ore,10,tt,40"), ("needs.csv", 2, "unit", "tt", "unknown_unit")),
        (changed("needs", "ore,10,t,40", "ore,10,kg,40"), ("needs.csv", 2, "unit", "kg", "units_mixed")),
        (changed("needs", "ore,10,t,40,5", "ore,10,t,40,50"), ("needs.csv", 2, "blocked_stock", "50.0", "blocked_above_stock")),
        (changed("requests", "E3,part", "E3,parts"), ("requests.csv", 2, "product", "parts", "unknown_product")),
        (changed("needs", "100,piece", '"1,200",piece'), ("needs.csv", 3, "daily_use", "1,200", "thousands")),
        (changed("needs", "100,piece", "NaN,piece"), ("needs.csv", 3, "daily_use", "NaN", "not_finite")),
        (changed("needs", "100,piece", "1e999,piece"), ("needs.csv", 3, "daily_use", "1e999", "not_finite")),
        (changed("needs", "100,piece", "1e101,piece"), ("needs.csv", 3, "daily_use", "1e101", "number_too_large")),
        (changed("needs", "100,piece", "٣,piece"), ("needs.csv", 3, "daily_use", "٣", "not_a_number")),
        (changed("needs", "100,piece", ",piece"), ("needs.csv", 3, "daily_use", "", "required")),
        (changed("needs", "100,piece", "#REF!,piece"), ("needs.csv", 3, "daily_use", "#REF!", "formula_error")),
        (changed("needs", "0.25", "1.25"), ("needs.csv", 2, "outside_share", "1.25", "out_of_range")),
        (changed("needs", "0.25", "25%"), ("needs.csv", 2, "outside_share", "25%", "percent")),
        (changed("needs", "2022-04-28T", "1900-01-00T"), ("needs.csv", 2, "reported_at", "1900-01-00T08:00:00Z", "date_1900")),
        (changed("links", "S2,S3,part", "S2,S2,part"), ("links.csv", 3, "customer_site", "S2", "self_link")),
        (changed("links", "S2,S3,part", "S2,S9,part"), ("links.csv", 3, "customer_site", "S9", "no_such_row")),
        (changed("links", "S1,S3,ore", "S1,S3,rock"), ("links.csv", 4, "product", "rock", "unknown_product")),
        (changed("links", "S2,S3,part", "S3,S2,car"), ("links.csv", 3, "product", "car", "no_need")),
        (changed("links", "S1,S3,ore", "S2,S3,ore"), ("links.csv", 4, "supplier_site", "S2", "not_made")),
        (changed("links", "2022-03-31", "1900-01-01"), ("links.csv", 2, "as_of", "1900-01-01", "date_1900")),
        (changed("links", "2022-03-31", "2200-01-01"), ("links.csv", 2, "as_of", "2200-01-01", "date_range")),
        (changed("links", "2022-03-31", "2022-02-30"), ("links.csv", 2, "as_of", "2022-02-30", "not_a_date")),
        (changed("links", "verified", "sure"), ("links.csv", 2, "provenance", "sure", "not_a_choice")),
        (changed("sites", "工厂,310000", "工厂,Shanghai"), ("sites.csv", 3, "region", "Shanghai", "bad_region")),
        (changed("sites", "S3,E3", "S3,E9"), ("sites.csv", 4, "enterprise_id", "E9", "no_such_row")),
        (changed("sites", "43.9", "93.9"), ("sites.csv", 2, "latitude", "93.9", "out_of_range")),
        (changed("sites", ",3,0.1", ",3.5,0.1"), ("sites.csv", 2, "recovery_days", "3.5", "not_whole")),
        (changed("sites", "Works", "Wo\x07rks"), ("sites.csv", 3, "name", "Wo\x07rks", "control_character")),
        (changed("series", "IVA,2022-04", "I>A,2022-04"), ("series.csv", 3, "series_id", "I>A", "bad_id")),
        (changed("enterprises", "true,1", "perhaps,1"), ("enterprises.csv", 2, "key_list", "perhaps", "not_a_bool")),
        (changed("events", "2022-05-07", "2022-04-07"), ("events.csv", 2, "end", "2022-04-07", "end_before_start")),
        (changed("events", "2022-05-07", "44661"), ("events.csv", 2, "end", "44661", "date_serial")),
        (changed("events", "site,S1", "site,S9"), ("events.csv", 2, "subject", "S9", "names_nothing")),
        (changed("events", "220000>S2", "220000>S9"), ("events.csv", 5, "subject", "220000>S9", "names_nothing")),
        (changed("events", "220000>S2", "220000"), ("events.csv", 5, "subject", "220000", "names_nothing")),
        (changed("events", "product,ore", "product,gold"), ("events.csv", 4, "subject", "gold", "names_nothing")),
        (changed("events", "2022-05-01,2022-05-02", "soon,"), ("events.csv", 4, "start", "soon", "not_a_day")),
        (changed("offers", "O2,,E2", "O2,,"), ("offers.csv", 3, "site_id", "", "nobody")),
        (changed("offers", "500,t", "0,t"), ("offers.csv", 2, "quantity", "0", "not_positive")),
        (changed("series", "IVA,2022-03", "IVA,2022-3"), ("series.csv", 2, "period", "2022-3", "not_a_period")),
    ],
)  # fmt: skip
def test_one_wrong_cell_is_named_exactly(tmp_path, replaced, expected):
    assert problems(folders.write(tmp_path / "a", **replaced)) == [expected]


def test_every_problem_says_why_and_the_way_out_in_both_languages(tmp_path):
    path = folders.write(tmp_path / "a", **changed("needs", ",40,5", ",-40,5"), **changed("links", "verified", "sure"))
    for problem in read_folder(path).problems:
        for language in ("en", "zh-hans"):
            reason, hint = problem.say(language)
            assert reason
            assert hint
            assert "{" not in reason + hint
        assert problem.file in str(problem)
        assert problem.reason in str(problem)


def test_all_bad_rows_are_reported_at_once(tmp_path):
    text = folders.TABLES["needs"].replace(",40,5", ",-40,5").replace("250", "many").replace("false,0.5", "false,5")
    assert [row for _, row, *_ in problems(folders.write(tmp_path / "a", needs=text))] == [2, 3, 4]


def test_a_second_row_with_the_same_key_names_the_first(tmp_path):
    text = folders.TABLES["links"] + "S1,S2,ore,1,1,,\n"
    found = read_folder(folders.write(tmp_path / "a", links=text)).problems
    assert [(p.row, p.code, p.details["first"]) for p in found] == [(5, "duplicate", 2)]


def test_rows_are_counted_as_an_editor_shows_them(tmp_path):
    text = folders.TABLES["enterprises"].replace("Mine,", '"Mine\nof ore",').replace("E3,Cars", "\nE3,Cars")
    text = text.replace("汽车公司,310000", "汽车公司,31")
    assert problems(folders.write(tmp_path / "a", enterprises=text)) == [
        ("enterprises.csv", 6, "region", "31", "bad_region")
    ]


def test_unknown_and_missing_columns_name_the_nearest(tmp_path):
    text = folders.TABLES["sites"].replace("region", "regoin", 1)
    found = read_folder(folders.write(tmp_path / "a", sites=text)).problems
    assert [(p.code, p.value) for p in found] == [("unknown_column", "regoin"), ("missing_column", "region")]
    assert "Did you mean region?" in found[0].hint


def test_a_row_with_a_cell_too_many_or_too_few_is_refused(tmp_path):
    text = (
        folders.TABLES["links"]
        .replace("S2,S3,part,,2,,", "S2,S3,part,,2")
        .replace("1.5,inferred,", "1,5,inferred,2022-01-01")
    )
    assert [(row, code) for _, row, _, _, code in problems(folders.write(tmp_path / "a", links=text))] == [
        (3, "too_few_cells"),
        (4, "too_many_cells"),
    ]


def test_without_a_products_table_products_are_those_made_or_needed(tmp_path):
    assert problems(folders.write(tmp_path / "a", products=None)) == []
    replaced = changed("links", "S1,S3,ore", "S1,S3,rock")
    assert problems(folders.write(tmp_path / "b", products=None, **replaced)) == [
        ("links.csv", 4, "product", "rock", "unknown_product")
    ]


def test_units_of_ones_own_come_from_the_products_table(tmp_path):
    text = folders.TABLES["needs"].replace("part,100,piece", "part,100,crate")
    replaced = changed("products", "零件,piece", "零件,crate")
    found = problems(folders.write(tmp_path / "a", needs=text, offers=None, requests=None, **replaced))
    assert found == []


def test_a_table_that_is_not_there_is_said_once(tmp_path):
    assert problems(folders.write(tmp_path / "a", enterprises=None)) == [
        ("sites.csv", None, "enterprise_id", "enterprise_id", "no_table"),
        ("offers.csv", None, "enterprise_id", "enterprise_id", "no_table"),
        ("requests.csv", None, "enterprise_id", "enterprise_id", "no_table"),
    ]


def test_partial_keeps_the_good_rows_and_the_bad_ones_apart(tmp_path):
    folder = read_folder(folders.write(tmp_path / "a", **changed("needs", ",40,5", ",-40,5")), partial=True)
    assert folder.frames["needs"]["site_id"].to_list() == ["S3", "S3"]
    assert folder.frames["links"]["customer_site"].to_list() == ["S3", "S3"]
    bad = folder.bad_rows["needs"].frame
    assert bad["bad_row"].to_list() == [2]
    assert bad["stock"].to_list() == ["-40"]
    assert bad["bad_reason"][0].startswith("stock: The value is negative.")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty_file"),
        (b"\n\n", "empty_file"),
        (folders.TABLES["series"].encode("utf-16"), "utf16"),
        (b"series_id,period\0", "zero_byte"),
        ("series_id,period,unit,published_at\nIVA,2022,Prozent über,2022-01-01\n".encode("latin-1"), "bad_encoding"),
        (folders.TABLES["series"].replace("percent", "百分比").encode()[:-3] + b"\xff\n", "bad_encoding"),
        (b'series_id,period,unit,published_at\nIVA,"2022\n', "open_quote"),
        (b"a,b\n1,2\n", "no_header"),
    ],
)
def test_a_file_that_is_no_text_table_has_its_own_message(tmp_path, data, code):
    path = folders.write(tmp_path / "a")
    (path / "series.csv").write_bytes(data)
    found = read_folder(path).problems
    assert [(p.file, p.row, p.code) for p in found] == [("series.csv", None, code)]


def test_a_wrong_byte_is_named_by_its_position(tmp_path):
    path = folders.write(tmp_path / "a")
    (path / "series.csv").write_bytes("series_id\nMüller\n".encode("latin-1"))
    problem = read_folder(path).problems[0]
    assert problem.value == "11"
    assert problem.details["byte"] == "FC"


def test_a_file_of_200_mb_is_refused_before_it_is_read(tmp_path):
    path = folders.write(tmp_path / "a")
    with (path / "series.csv").open("wb") as stream:
        stream.truncate(200_000_000)
    problem = read_folder(path).problems[0]
    assert (problem.file, problem.code) == ("series.csv", "too_large")
    assert problem.reason == "The file has 200.0 MB; the limit is below 200 MB."


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path):
    path = folders.write(tmp_path / "a", series=None)
    with zipfile.ZipFile(path / "series.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b" " * 60_000_000)
    assert [code for *_, code in problems(path)] == ["zip_bomb"]
    assert [code for *_, code in problems(path, limits=Limits(unpacked_mb=1, ratio=10**6))] == ["zip_bomb"]


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("series.xlsx", b"PK no zip", "not_xlsx"),
        ("series.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "encrypted"),
        ("series.parquet", b"no parquet", "not_parquet"),
        ("serie.csv", b"x", "unknown_table"),
    ],
)
def test_a_file_that_is_not_what_its_name_says_is_refused(tmp_path, name, data, code):
    path = folders.write(tmp_path / "a", series=None)
    (path / name).write_bytes(data)
    assert [(file, c) for file, *_, c in problems(path)] == [(name, code)]


def test_a_zip_that_is_no_workbook_is_refused(tmp_path):
    path = folders.write(tmp_path / "a", series=None)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("letter.txt", "hello")
    (path / "series.xlsx").write_bytes(stream.getvalue())
    assert [code for *_, code in problems(path)] == ["not_xlsx"]


def test_a_table_in_two_files_is_refused(tmp_path):
    path = folders.write(tmp_path / "a")
    write_folder({"series": read_folder(path).frames["series"]}, path, format="parquet")
    assert problems(path) == [("series.parquet", None, "", "series.csv", "two_files")]


@pytest.mark.parametrize(("make", "code"), [(False, "no_folder"), (True, "empty_folder")])
def test_a_folder_without_tables_is_said(tmp_path, make, code):
    path = tmp_path / "none"
    if make:
        path.mkdir()
    assert [c for *_, c in problems(path)] == [code]


def test_a_file_in_place_of_a_folder_is_said(tmp_path):
    (tmp_path / "f").write_text("x")
    assert [c for *_, c in problems(tmp_path / "f")] == ["not_a_folder"]


class TestWorkbooks:
    HEAD = ("supplier_site", "customer_site", "product", "daily_quantity", "as_of")

    def folder(self, tmp_path, *rows, merge=None):
        path = folders.write(tmp_path / "a", links=None)
        book, page = sheet(path / "links.xlsx", *rows)
        if merge:
            page.merge_range(merge, "S1")
        book.close()
        return path

    def test_a_header_below_a_title_is_found_and_dates_are_dates(self, tmp_path):
        path = self.folder(tmp_path, ("Who ships to whom",), (), self.HEAD, ("S1", "S2", "ore", 7.5, DAY))
        folder = read_folder(path)
        assert folder.good
        assert folder.frames["links"].row(0, named=True)["as_of"] == DAY

    def test_a_formula_error_is_named_by_its_row(self, tmp_path):
        path = self.folder(tmp_path, self.HEAD, ("S1", "S2", "ore", 1), ("S2", "S3", "part", "=X!A1"))
        assert problems(path) == [("links.xlsx", 3, "daily_quantity", "#N/A", "formula_error")]

    def test_a_formula_without_its_value_is_not_taken_as_empty(self, tmp_path):
        path = self.folder(tmp_path, self.HEAD, ("S1", "S2", "ore", 1), ("S2", "S3", "part", "=2*3"))
        book = path / "links.xlsx"
        with zipfile.ZipFile(book) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
        # As programs leave it that write a workbook without working it out.
        with zipfile.ZipFile(book, "w") as archive:
            for name, part in parts.items():
                archive.writestr(name, re.sub(rb' t="e"(><f>[^<]*</f>)<v>[^<]*</v>', rb"\1<v></v>", part))
        assert problems(path) == [("links.xlsx", 3, "daily_quantity", "#FORMULA! =2*3", "formula_open")]

    def test_an_empty_date_cell_of_1900_is_refused(self, tmp_path):
        path = self.folder(tmp_path, self.HEAD, ("S1", "S2", "ore", 1, dt.date(1900, 1, 1)))
        assert [(row, column, code) for _, row, column, _, code in problems(path)] == [(2, "as_of", "date_1900")]

    def test_merged_cells_are_refused(self, tmp_path):
        path = self.folder(tmp_path, self.HEAD, (None, "S2", "ore", 1), (None, "S3", "ore", 1), merge="A2:A3")
        found = problems(path)
        assert ("links.xlsx", 2, "", "A2:A3", "merged") in found
        assert ("links.xlsx", 3, "supplier_site", "", "required") in found

    def test_a_workbook_without_cells_is_empty(self, tmp_path):
        assert [c for *_, c in problems(self.folder(tmp_path))] == ["empty_file"]


def test_rows_outside_the_folder_may_be_referred_to(tmp_path):
    base = read_folder(folders.write(tmp_path / "a")).frames
    only = dict.fromkeys(TABLES) | {"links": "supplier_site,customer_site,product\nS1,S2,ore\n"}
    path = folders.write(tmp_path / "b", **only)
    assert {c for *_, c in problems(path)} == {"no_table"}
    assert problems(path, base=base) == []


def test_replacing_a_folder_takes_the_old_tables_away_and_leaves_other_files(tmp_path):
    path = folders.write(tmp_path / "a")
    (path / "README.txt").write_text("mine")
    frames = read_folder(path).frames
    written = replace_folder(frames, path, format="parquet")
    assert sorted(p.name for p in path.iterdir()) == sorted(["README.txt", *(p.name for p in written)])
    assert read_folder(path).good
