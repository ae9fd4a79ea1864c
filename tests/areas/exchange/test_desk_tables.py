"""Departments, groups, fast tracks, rules and steps as tables: out and in again equal, and every bad row is named."""

import datetime as dt

import pytest
from django.db import transaction
from tests import factories as make

from ballast.areas.desks.models import Department, EscalationStep, FastTrack, RoutingRule, WorkingGroup
from ballast.areas.exchange.selectors import dump_frames
from ballast.areas.exchange.services import LoadRefusedError, load_folder, read_for_load
from ballast.tables.folder import write_folder
from ballast.tables.schema import table

pytestmark = pytest.mark.django_db
TABLES = {
    "departments": """
310000,transport,Transport,运输处,tom;ella,
CN-SH,energy,Energy,,,true
""",
    "groups": """
Front team,2022-04-20,2022-05-20,前方工作组,310000;220000,automobile,mia;tom
""",
    "fast_tracks": """
310000,220000,Olga,555-1,,Jin,,jin@jl.example
""",
    "routing_rules": """
10,Roads,logistics,310000,,,,310000/transport,,,tom,2022-04-01,
20,Cars,,,automobile,red,ENG,,Front team,2022-04-20,,2022-04-01,2022-06-01
""",
    "escalation_steps": """
*,-2.5,owner
energy,12,leader
""",
}


@pytest.fixture(scope="module")
def built(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), transaction.atomic():
        make.authority()
        nation = make.region("CN", level="nation")
        shanghai = make.region("310000", nation, level="province", iso="CN-SH")
        make.region("220000", nation, level="province")
        make.chain()
        make.enterprise("car", region=shanghai)
        for name in ("tom", "ella", "mia"):
            make.user("province_officer", username=name, region="310000")
        make.user("leader", username="lee")
        EscalationStep.objects.all().delete()
        make.escalation_steps()
        yield
        transaction.set_rollback(True)


@pytest.fixture
def world(built):
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def written(path, **changed):
    path.mkdir()
    for name, rows in (TABLES | changed).items():
        head = ",".join(table(name).names)
        (path / f"{name}.csv").write_text(head + rows, encoding="utf-8")
    return path


def load(path, **more):
    return load_folder(read_for_load(path, **more), actor="test", **more)


def test_dump_after_load_gives_equal_tables_and_a_second_load_changes_nothing(world, tmp_path):
    assert dump_frames()["escalation_steps"].is_empty()
    receipt = load(written(tmp_path / "in"))
    assert {name: receipt.counts[name]["new"] for name in TABLES} == {
        "departments": 2, "groups": 1, "fast_tracks": 1, "routing_rules": 2, "escalation_steps": 2,
    }  # fmt: skip
    transport = Department.objects.get(code="transport")
    assert ([p.username for p in transport.people], transport.closed, transport.name_zh) == (
        ["ella", "tom"], False, "运输处",
    )  # fmt: skip
    first, second = RoutingRule.objects.order_by("position")
    assert (first.to_department, first.to_region_id, first.to_person.username) == (transport, "310000", "tom")
    assert (second.to_group, second.chain_id, second.ends) == (
        WorkingGroup.objects.get(), "automobile", dt.date(2022, 6, 1),
    )  # fmt: skip
    track = FastTrack.objects.get()
    assert (track.one_id, track.one_name, track.other_phone) == ("220000", "Jin", "555-1")
    assert EscalationStep.objects.filter(kind="", hours=-2.5, to="owner").exists()
    dumped = dump_frames()
    assert dumped["escalation_steps"].height == 6
    write_folder({name: dumped[name] for name in TABLES}, tmp_path / "out")
    again = read_for_load(tmp_path / "out")
    assert again.problems == []
    for name in TABLES:
        key = list(table(name).key)
        assert again.frames[name].sort(key).equals(dumped[name].sort(key)), name
    for folder in ("in", "out"):
        counts = load_folder(read_for_load(tmp_path / folder), actor="test").counts
        assert all(found["new"] == found["changed"] == 0 for found in counts.values()), folder
    for model in (RoutingRule, Department, WorkingGroup, FastTrack, EscalationStep):
        model.objects.all().delete()
    load(tmp_path / "out")
    assert all(dump_frames()[name].equals(dumped[name]) for name in TABLES)


def test_a_changed_row_is_found_again_and_overwritten(world, tmp_path):
    load(written(tmp_path / "in"))
    key = RoutingRule.objects.get(position=10).pk
    changed = TABLES["routing_rules"].replace("310000/transport,,,tom", "220000,,,")
    turned = TABLES["fast_tracks"].replace("310000,220000,Olga,555-1,,Jin,,", "220000,310000,Jin,555-9,,Olga,,")
    receipt = load(written(tmp_path / "again", routing_rules=changed, fast_tracks=turned))
    assert receipt.counts["routing_rules"] == {"new": 0, "changed": 1, "unchanged": 1}
    rule = RoutingRule.objects.get(pk=key)
    assert (rule.to_region_id, rule.to_department, rule.to_person) == ("220000", None, None)
    assert FastTrack.objects.get().one_phone == "555-9"


def test_every_bad_row_is_named_with_its_value_and_nothing_is_loaded(world, tmp_path):
    bad = {
        "departments": TABLES["departments"] + "310000,Land office,Land,,nobody,\n",
        "groups": TABLES["groups"] + "Long,2022-01-01,2024-01-01,,999999,moon,lee\nBack,2022-02-02,2022-02-01,,,,\n",
        "fast_tracks": TABLES["fast_tracks"] + "220000,310000,A,,,B,1,none\n310000,310000,A,1,,B,1,\n",
        "routing_rules": TABLES["routing_rules"]
        + "30,Nowhere,noise,,,,,,,,,2022-04-01,\n"
        + "40,Lost,,,,,,310000/moon,Ghosts,2022-04-01,lee,2022-04-01,\n"
        + "50,Short,,,,,,310000,,,,2022-04-01,2022-01-01\n",
        "escalation_steps": TABLES["escalation_steps"]
        + "noise,1,owner\n*,500,owner\n*,1,everybody\nwarning,0,leader\n",
    }
    with pytest.raises(LoadRefusedError) as refused:
        load(written(tmp_path / "in", **bad))
    told = {(p.file, p.row, p.column, p.value) for p in refused.value.problems}
    assert told >= {
        ("departments.csv", 4, "code", "Land office"), ("departments.csv", 4, "members", "nobody"),
        ("groups.csv", 3, "ends", "2024-01-01"), ("groups.csv", 3, "regions", "999999"),
        ("groups.csv", 3, "chain", "moon"), ("groups.csv", 4, "ends", "2022-02-01"),
        ("fast_tracks.csv", 3, "one", "220000"), ("fast_tracks.csv", 3, "one_phone", ""),
        ("fast_tracks.csv", 3, "other_email", "none"), ("fast_tracks.csv", 4, "other", "310000"),
        ("routing_rules.csv", 4, "kind", "noise"), ("routing_rules.csv", 4, "to_desk", ""),
        ("routing_rules.csv", 5, "to_desk", "310000/moon"), ("routing_rules.csv", 5, "to_group", "Ghosts"),
        ("routing_rules.csv", 5, "to_person", "lee"), ("routing_rules.csv", 6, "ends", "2022-01-01"),
        ("escalation_steps.csv", 4, "kind", "noise"), ("escalation_steps.csv", 5, "hours", "500"),
        ("escalation_steps.csv", 6, "to", "everybody"), ("escalation_steps.csv", 7, "hours", "0.0"),
    }  # fmt: skip
    for problem in refused.value.problems:
        assert problem.say("zh-hans")[0] != problem.reason, problem
    assert not Department.objects.exists()


def test_a_partial_load_takes_the_good_rows_and_gives_the_others_back(world, tmp_path):
    rules = TABLES["routing_rules"].replace("310000/transport", "310000/land")
    land = TABLES["departments"] + "310000,land,Land,,nobody,\n"
    found = read_for_load(written(tmp_path / "in", routing_rules=rules, departments=land), partial=True)
    load_folder(found, actor="test", partial=True)
    assert sorted(Department.objects.values_list("code", flat=True)) == ["energy", "transport"]
    assert [rule.name for rule in RoutingRule.objects.all()] == ["Cars"]
    kept = {name: bad.frame.select("bad_row", "bad_reason").rows() for name, bad in found.bad_rows.items()}
    assert [row for row, _why in kept["departments"]] == [4]
    assert "no desk of this name" in kept["routing_rules"][0][1]
