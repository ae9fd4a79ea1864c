"""Case packs: what the reader refuses and how it says so, and that every pack in force keeps its word."""

import datetime as dt
import re

import pytest
from tests import factories as make

from ballast.areas.cases import machine
from ballast.areas.cases.apps import _read_packs
from ballast.areas.cases.models import Case, State
from ballast.areas.cases.packs import in_force as pack
from ballast.areas.cases.packs.file import PackError, read_pack
from ballast.areas.cases.selectors import outside_packs

SHIPPED = {one.name: one.text for one in pack._shipped()}
PROBLEM = SHIPPED["problem.toml"]


def faults(text):
    with pytest.raises(PackError) as caught:
        read_pack(text, "own.toml")
    return str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("version = ", "version ", ["own.toml, line ", "no TOML"]),
        ("since = ", "sinc = ", ["own.toml, since: is missing", "sinc: '2020-01-01': is no key"]),
        ('holds = "lane"', 'holds = "lan"', ["kinds[2] “logistics”, holds: 'lan'", "'site', 'lane' or 'none'"]),
        ('to = "solving"', 'to = "solvng"', ["line ", "moves[3] “start”, to: 'solvng': is not a state", "accepted"]),
        ('to = "confirmed"', 'to = "solved"', ["states[7] “confirmed”", "no move leads here"]),
        ('from = ["solved"]\nto = "disputed"', 'from = ["@sloved"]\nto = "disputed"', ["'@sloved'", "@resolved"]),
        ('category = "resolved"', 'category = "done"', ["states[6] “solved”, category: 'done'", "'closed'"]),
        ('does = "assign"\nneeds = ["owner"]', 'does = "assign"', ["moves[2] “assign”, needs", "needs 'owner'"]),
        ('permission = "work_cases"', 'permission = "wrk_cases"', ["permission: 'wrk_cases'", "work_cases"]),
        ('kinds = ["policy"]', 'kinds = ["polcy"]', ["clocks[5], kinds: 'polcy'", "“policy”", "no resolution clock"]),
        ("days = 30", "days = 0", ["clocks[5]", "give days or minutes"]),
        ('starts = "filed"', 'starts = "solved"', ["line ", "starts: 'solved': is resolved"]),
        ('name = "assign"', 'name = "accept"', ["moves[1] “accept”, name: 'accept': stands 2 times"]),
        ('zh = "受理" }', 'zh = "" }', ["moves[1] “accept”, label, zh", "at least 1 character"]),
    ],
)
def test_a_slip_in_a_pack_is_named_with_its_place_its_value_and_the_reason(old, new, words):
    assert old in PROBLEM
    said = faults(PROBLEM.replace(old, new, 1))
    assert [word for word in words if word not in said] == [], said


def test_the_line_that_is_named_is_that_of_the_key():
    text = PROBLEM.replace('to = "solving"', 'to = "solvng"', 1)
    line = next(n for n, one in enumerate(text.splitlines(), 1) if "solvng" in one)
    assert f"own.toml, line {line}, moves[3]" in faults(text)


def test_a_state_from_which_no_way_leads_out_is_refused():
    said = faults(PROBLEM.replace('from = ["solved"]', 'from = ["filed"]').replace(', "@resolved"]', "]"))
    assert "states[6] “solved”: 'solved': no way leads from here to a closed state" in said


def test_packs_agree_on_kinds_and_on_what_a_state_means():
    own = PROBLEM.replace('name = "problem"', 'name = "own"', 1)
    with pytest.raises(PackError, match=r"own.toml, kinds: 'staff_return': is a kind of the pack 'problem' already"):
        pack.load([pack._File("problem.toml", PROBLEM), pack._File("own.toml", own)])
    own = re.sub(r'(\[\[kinds\]\]\nname = ")', r"\1own_", re.sub(r"^kinds = .*$", "", own, flags=re.M))
    own = own.replace('tells = "confirmed"', 'tells = "solved"')
    with pytest.raises(PackError, match=r"“confirmed”: 'closed, solved': is closed, confirmed in the pack 'problem'"):
        pack.load([pack._File("problem.toml", PROBLEM), pack._File("own.toml", own)])


def test_an_authority_s_own_file_takes_the_place_of_a_shipped_one(tmp_path, settings):
    (tmp_path / "mine.toml").write_text(PROBLEM.replace("days = 30", "days = 12"), encoding="utf-8")
    settings.CASE_PACKS = str(tmp_path)
    assert pack.resolution_of("policy").days == 12
    (tmp_path / "mine.toml").write_bytes("name = 'x' # 企".encode("gb18030"))
    pack.forget()
    with pytest.raises(PackError, match=r"mine.toml: is not in UTF-8"):
        pack.packs()
    settings.CASE_PACKS = str(tmp_path / "nowhere")
    with pytest.raises(PackError, match=r"nowhere: is no folder; make it, or leave BALLAST_CASE_PACKS empty"):
        pack.packs()


def test_the_states_of_problems_are_those_that_the_code_names():
    assert set(pack.pack_named("problem").states_by_name) == set(State)


def test_sets_of_states_are_told_by_category():
    problem = pack.pack_named("problem")
    assert set(machine.OPEN) | set(machine.CLOSED) == set(pack.local_states())
    assert set(machine.OPEN) - set(machine.IN_HAND) == set(machine.RESOLVED) >= {"solved"}
    assert set(machine.OPEN) & set(machine.CLOSED) == set()
    assert {state.name for state in problem.states if state.name in machine.CLOSED} == {
        "confirmed", "withdrawn", "merged",
    }  # fmt: skip
    assert problem.moves_by_name["withdraw"].sources == set(problem.states_by_name) - {
        "confirmed", "withdrawn", "merged",
    }  # fmt: skip


@pytest.mark.django_db
def test_cases_in_a_state_that_no_pack_knows_are_named():
    place = make.region()
    site = make.site(of=make.enterprise(region=place))
    fields = {"enterprise": site.enterprise, "site": site, "place": place, "lead_region": place, "kind": "energy"}
    fields |= dict.fromkeys(("filed_at", "due_at", "state_since"), dt.datetime(2022, 4, 28, tzinfo=dt.UTC))
    for number, state in (("A", "filed"), ("B", "gone"), ("C", "gone")):
        Case.objects.create(number=number, state=state, **fields)
    assert outside_packs() == [("problem", "gone", 2)]


def test_a_pack_that_cannot_be_read_keeps_the_program_from_starting(tmp_path, settings, capsys):
    (tmp_path / "own.toml").write_text(PROBLEM.replace('to = "solving"', 'to = "solvng"', 1), encoding="utf-8")
    settings.CASE_PACKS = str(tmp_path)
    with pytest.raises(SystemExit) as caught:
        _read_packs()
    assert caught.value.code == 2
    assert "moves[3] “start”, to: 'solvng': is not a state" in capsys.readouterr().err
