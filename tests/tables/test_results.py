import datetime as dt

import polars as pl
import pytest

from ballast.tables.docs import results_page
from ballast.tables.results import result_frame, result_schema, result_tables


def test_rows_take_the_documented_types():
    frame = result_frame("events", [("e1", 2, 3)])
    assert frame.schema == {"event_id": pl.String, "output_at_risk_value": pl.Float64, "stops": pl.Int64}
    assert frame.row(0) == ("e1", 2.0, 3)


def test_columns_are_put_in_the_documented_order():
    frame = result_frame("events", {"stops": [3], "event_id": ["e1"], "output_at_risk_value": [None]})
    assert frame.row(0) == ("e1", None, 3)
    with pytest.raises(KeyError, match="stops"):
        result_frame("events", {"event_id": ["e1"], "output_at_risk_value": [None]})


def test_an_empty_result_keeps_its_columns():
    assert result_frame("stops", []).schema["stop_date"] == pl.Date
    assert result_frame("stops", {c.name: [] for c in result_schema("stops").columns}).height == 0


def test_every_result_column_is_explained_in_both_languages():
    for schema in result_tables().values():
        for column in schema.columns:
            assert column.description_en, (schema.name, column.name)
            assert column.description_zh, (schema.name, column.name)
            assert f"`{column.name}`" in results_page()


def test_an_unknown_result_is_refused():
    with pytest.raises(KeyError):
        result_schema("nothing")
    assert dt.date(2022, 4, 1) == result_frame("stops", [_stop()])["stop_date"][0]


def _stop():
    return [dt.date(2022, 4, 1) if c.kind == "date" else None for c in result_schema("stops").columns]
