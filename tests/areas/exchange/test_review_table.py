"""Reviews of bulk materials as a table: what is loaded comes out again, and what cannot be is named by its cell."""

import datetime as dt

import pytest
from tests import factories as make

from ballast.areas.economy.models import Commodity, MaterialReview
from ballast.areas.exchange.selectors import dump_frames
from ballast.areas.exchange.services import load_folder, read_for_load
from ballast.tables.folder import write_folder

pytestmark = pytest.mark.django_db
HEAD = "commodity_id,reviewed_at,person,note\n"
# Late in the evening of Shanghai on 19 April, which is still that day; and one of somebody who is not named.
GOOD = 'urea,2022-04-19T23:30:00.5+08:00,mia,"Said ""no"",\nthen = yes"\nurea,2022-03-01T01:00:00Z,,Nothing\n'
BAD = "ure,2022-04-19,mia,Text\nurea,2022-04-19,mi,Text\nurea,2023-01-01,,Text\nurea,2022-04-19,,\nurea,soon,,Text\n"


def written(path, rows):
    path.mkdir()
    (path / "material_reviews.csv").write_text(HEAD + rows, encoding="utf-8")
    return path


def counts(path):
    return load_folder(read_for_load(path), actor="test").counts["material_reviews"]


def test_reviews_are_loaded_dumped_and_mended_by_cell(db, tmp_path):
    make.authority(is_exercise=True, exercise_date=dt.date(2022, 4, 20))
    mia = make.user(username="mia")
    Commodity.objects.create(commodity_id="urea", name="Urea")
    assert counts(written(tmp_path / "in", GOOD)) == {"new": 2, "changed": 0, "unchanged": 0}
    last, first = MaterialReview.objects.all()
    assert (last.day, last.person, last.note) == (dt.date(2022, 4, 19), mia, 'Said "no",\nthen = yes')
    assert (first.day, first.person, first.note) == (dt.date(2022, 3, 1), None, "Nothing")
    # A browser sends lines that end with both characters.
    MaterialReview.objects.filter(pk=first.pk).update(note="Nothing\r\n=1+1")
    dumped = dump_frames()
    write_folder({name: dumped[name] for name in ("commodities", "material_reviews")}, tmp_path / "out")
    assert counts(tmp_path / "out") == {"new": 0, "changed": 0, "unchanged": 2}
    MaterialReview.objects.all().delete()
    assert counts(tmp_path / "out")["new"] == 2
    assert dump_frames()["material_reviews"].equals(dumped["material_reviews"])
    folder = read_for_load(written(tmp_path / "bad", BAD), partial=True)
    found = {(p.row, p.column, p.value) for p in folder.problems}
    assert found == {
        (2, "commodity_id", "ure"), (3, "person", "mi"), (4, "reviewed_at", "2023-01-01T00:00:00+00:00"),
        (5, "note", ""), (6, "reviewed_at", "soon"),
    }  # fmt: skip
    assert folder.frames["material_reviews"].is_empty()
