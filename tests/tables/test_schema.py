import datetime as dt
import io
from pathlib import Path

import polars as pl
import pytest
import python_calamine
from pydantic import ValidationError
from tests.tables import folders

from ballast.tables.docs import page
from ballast.tables.folder import read_folder
from ballast.tables.schema import TABLES, row_model, table, tables
from ballast.tables.templates import template


def test_a_table_refers_only_to_tables_before_it():
    for place, name in enumerate(TABLES):
        for column in table(name).columns:
            assert not column.refers_to or column.refers_to in TABLES[:place]


def test_every_column_is_described_in_both_languages():
    for schema in tables().values():
        for column in schema.columns:
            assert column.describe("en")
            assert column.describe("zh-hans") != column.describe("en")


def test_the_key_of_a_table_is_required():
    for schema in tables().values():
        assert set(schema.key) <= set(schema.required)


def test_an_unknown_table_is_a_key_error():
    with pytest.raises(KeyError):
        table("shops")


def test_a_row_model_has_the_bounds_defaults_and_names_of_the_schema():
    need = row_model("needs")(site_id="S1", product="P", daily_use=1, unit="t")
    assert (need.blocked_stock, need.essential, need.stock) == (0, True, None)
    with pytest.raises(ValidationError) as wrong:
        row_model("needs")(site_id="", product="P", daily_use=-1, unit="t", stocks=1)
    assert {e["loc"][0] for e in wrong.value.errors()} == {"site_id", "daily_use", "stocks"}
    offer = row_model("offers").model_validate(
        {"offer_id": "O", "product": "P", "quantity": 1, "unit": "t", "from": "2022-04-28"}
    )
    assert offer.model_dump(by_alias=True)["from"] == dt.date(2022, 4, 28)
    with pytest.raises(ValidationError):
        row_model("events")(event_id="E", kind="war", subject="S", start=0)


def test_the_reference_page_is_up_to_date():
    path = Path(__file__).parents[2] / "docs" / "reference" / "tables.md"
    assert path.read_text(encoding="utf-8") == page(), "run: python -m ballast.tables.docs"


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("name", TABLES)
def test_a_template_has_the_columns_and_explains_each(name, language):
    book = python_calamine.load_workbook(io.BytesIO(template(name, language)))
    assert len(book.sheet_names) == 2
    assert book.get_sheet_by_index(0).to_python()[0] == list(table(name).names)
    explained = book.get_sheet_by_index(1).to_python()[1:]
    assert [(row[0], row[5]) for row in explained] == [(c.name, c.describe(language)) for c in table(name).columns]


def test_empty_templates_may_stay_in_a_folder(tmp_path):
    path = folders.write(tmp_path / "a", series=None)
    (path / "series.xlsx").write_bytes(template("series"))
    folder = read_folder(path)
    assert folder.good
    assert folder.counts["series"] == 0


def test_a_frame_has_the_types_of_the_schema(tmp_path):
    folder = read_folder(folders.write(tmp_path / "a"))
    for name in TABLES:
        assert dict(folder.frames[name].schema) == {c.name: c.dtype for c in table(name).columns}
    assert folder.frames["links"].schema["as_of"] == pl.Date
