"""The library of measures as a table: what is loaded comes out again, and what cannot be is named by its cell."""

import pytest
from tests import factories as make

from ballast.areas.exchange.selectors import dump_frames
from ballast.areas.exchange.services import load_folder, read_for_load
from ballast.areas.reserve.models import PolicyOption
from ballast.tables.folder import write_folder
from ballast.tables.schema import table

pytestmark = pytest.mark.django_db
# Files from before measures had conditions go on loading.
HEAD = ",".join(name for name in table("policy_options").names if name != "conditions")
GOOD = (
    "diesel,Release diesel,投放柴油,Release 500 t,,Law art. 3,Energy office,,"
    "CN-SH,automobile,share,red,N1,20,3,5e6,CNY,10,ready\nbus,Buses,,Run buses,,,Transport,310000,,,,,,,,,,,\n"
)
BAD = (
    "a b,Bad,,Text,,,Office,,,trains,share,red,N9,120,,,,,\n"
    "cost,Bad,,Text,,,Office,,,,,,,5,,7,,400,over\n"
)  # fmt: skip


def written(path, rows):
    path.mkdir()
    (path / "policy_options.csv").write_text(f"{HEAD}\n{rows}", encoding="utf-8")
    return path


def test_the_library_is_loaded_dumped_and_mended_by_cell(db, tmp_path):
    make.authority()
    make.region("310000", level="province", iso="CN-SH")
    make.chain()
    make.product("N1")
    receipt = load_folder(read_for_load(written(tmp_path / "in", GOOD)), actor="test")
    assert receipt.counts["policy_options"]["new"] == 2
    diesel, bus = PolicyOption.objects.get(code="diesel"), PolicyOption.objects.get(code="bus")
    assert (diesel.region_id, diesel.chain_id, diesel.trigger.at_least, diesel.state) == (
        "310000", "automobile", 20.0, "ready",
    )  # fmt: skip
    assert (bus.trigger, bus.days, bus.state, bus.cost, bus.issuer_id) == (None, 30, "draft", None, "310000")
    dumped = dump_frames()["policy_options"]
    write_folder({"policy_options": dumped}, tmp_path / "out")
    for name in ("in", "out"):
        counts = load_folder(read_for_load(tmp_path / name), actor="test").counts["policy_options"]
        assert (counts["new"], counts["changed"]) == (0, 0), name
    problems = read_for_load(written(tmp_path / "bad", BAD)).problems
    found = {(p.row, p.column, p.value) for p in problems}
    assert found >= {(2, "chain", "trains"), (2, "code", "a b"), (2, "product", "N9"), (2, "trigger_at_least", "120.0")}
    assert "over" in {p.value for p in problems}
