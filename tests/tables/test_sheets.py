import io
import zipfile

import pytest
import xlsxwriter

from ballast.tables.guards import Limits
from ballast.tables.sheets import StockLine, read_stock_sheet, write_stock_sheet

LINES = [
    StockLine("S1", "P1", 100.0, 250.5, 10.0, 0.0, "piece", "Plant", "Gearbox"),
    StockLine("S1", "P2", 5.0, None, None, None, "t", "Plant", "Steel"),
]


def workbook(*rows):
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream)
    sheet = book.add_worksheet()
    for at, row in enumerate(rows):
        for place, value in enumerate(row):
            if isinstance(value, str) and value.startswith("="):
                sheet.write_formula(at, place, value, None, "#REF!")
            else:
                sheet.write(at, place, value)
    book.close()
    return stream.getvalue()


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_written_sheet_reads_back_equal(language):
    lines, problems = read_stock_sheet(write_stock_sheet(LINES, language), "stocks.xlsx")
    assert problems == []
    assert [(one.row, one.site_id, one.product, one.stock, one.daily_use, one.unit) for one in lines] == [
        (2, "S1", "P1", 250.5, 100.0, "piece"),
        (3, "S1", "P2", None, 5.0, "t"),
    ]


def test_the_sheet_is_the_same_bytes_every_time():
    assert write_stock_sheet(LINES, "en") == write_stock_sheet(LINES, "en")


def test_csv_with_chinese_titles_in_gb18030_is_read():
    text = "厂点代码,产品代码,库存\nS1,P1,12.5\n"
    lines, problems = read_stock_sheet(text.encode("gb18030"), "stocks.csv")
    assert problems == []
    assert lines == [StockLine("S1", "P1", stock=12.5, row=2)]


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        (("S1", "P1", -1, 0), "stock", "negative"),
        (("S1", "P1", "1,200", 0), "stock", "thousands"),
        (("S1", "P1", "=X!A1", 0), "stock", "formula_error"),
        (("S1", "P1", "many", 0), "stock", "not_a_number"),
        (("S1", "P1", 5, 6), "blocked_stock", "blocked_above_stock"),
        (("", "P1", 5, 1), "site_id", "required"),
    ],
)
def test_a_wrong_cell_is_named_with_its_row_and_the_good_rows_stay(row, column, code):
    data = workbook(("site_id", "product", "stock", "blocked_stock"), ("S0", "P0", 1, 0), row)
    lines, problems = read_stock_sheet(data, "s.xlsx")
    assert [(p.row, p.column, p.code) for p in problems] == [(3, column, code)]
    assert [one.site_id for one in lines] == ["S0"]


def test_an_input_that_comes_twice_names_the_first_row():
    lines, problems = read_stock_sheet(b"site_id,product,stock\nS1,P1,1\nS1,P1,2\n", "s.csv")
    assert [(p.row, p.code, p.details["first"]) for p in problems] == [(3, "duplicate", 2)]
    assert len(lines) == 1


def test_a_header_below_a_title_is_found():
    data = workbook(("Stocks of April",), (), ("site_id", "product", "stock"), ("S1", "P1", 3))
    lines, problems = read_stock_sheet(data, "s.xlsx")
    assert problems == []
    assert lines == [StockLine("S1", "P1", stock=3.0, row=4)]


@pytest.mark.parametrize(
    ("data", "name", "code"),
    [
        (b"", "s.xlsx", "empty_file"),
        (b"site_id", "s.pdf", "suffix"),
        (b"no zip", "s.xlsx", "not_xlsx"),
        (b"site_id,product,stock\n", "s.csv", "no_rows"),
        (b"x" * 2_000_001, "s.csv", "too_large"),
        ("site_id,product,stock\nSé1,P,1".encode("latin-1"), "s.csv", "bad_encoding"),
        ("site_id,product,stock\n".encode("utf-16"), "s.csv", "utf16"),
        (b"site_id,stock\nS1,3\n", "s.csv", "missing_column"),
        (b"site_id,product,stocks\nS1,P,3\n", "s.csv", "unknown_column"),
    ],
)
def test_a_file_that_cannot_be_read_says_why_and_gives_no_rows(data, name, code):
    lines, problems = read_stock_sheet(data, name, limits=Limits(file_mb=2))
    assert lines == []
    assert problems[0].code == code
    assert problems[0].row is None
    assert problems[0].reason
    assert problems[0].say("zh-hans")[0] != problems[0].reason


def test_a_zip_bomb_is_refused_from_its_directory():
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"\0" * 30_000_000)
    lines, problems = read_stock_sheet(stream.getvalue(), "s.xlsx")
    assert lines == []
    assert problems[0].code == "zip_bomb"
