"""`ballast cases`: lists, parents, children and splits in the name of a person, whose rights hold."""

import json

import pytest
from click.testing import CliRunner
from tests.areas.cases.conftest import build, problem

from ballast.areas.audit.models import AuditEntry
from ballast.areas.cases.models import Case, ParentLink
from ballast.cli import main


@pytest.fixture
def run(db):
    def call(*args, who="olga"):
        return CliRunner().invoke(main, ["cases", *args], env={"BALLAST_USER": who})

    return call


def test_a_case_manager_lists_links_shows_and_unlinks_in_their_own_name(run):
    world = build()
    above, below = problem(world), problem(world, blocked="Trucks wait")
    theirs = problem(world, user=world.otto, site=world.elsewhere, place=world.jiangsu, blocked="Theirs")

    result = run("link", above.number, below.number)
    assert (result.exit_code, result.output) == (
        0, f"{below.number} is under {above.number}, which waits for it.\n",
    )  # fmt: skip
    assert AuditEntry.objects.get(action="case.as_child").actor == "olga"
    listed = json.loads(run("list", "--held", "--json").output)
    assert (listed["total"], [(one["number"], one["waits_for"]) for one in listed["cases"]]) == (1, [(above.number, 1)])
    lines = run("list", "--sort", "age", "--limit", "1").output.splitlines()
    assert lines[0].split("\t")[:2] == [above.number, "Filed, waits for 1"]
    assert lines[-1] == "1 of 2 cases."
    shown = run("show", above.number).output
    assert f"  {below.number}\tFiled\twaited for\tTrucks wait" in shown
    family = json.loads(run("show", below.number, "--json").output)["family"]
    assert (family["parent"], family["blocks"]) == (above.number, True)
    assert f"under {above.number}, which waits for it" in run("show", below.number).output
    assert "which does not wait" in run("link", above.number, below.number, "--no-wait").output

    loop = run("link", below.number, above.number)
    assert (loop.exit_code, f"Case {above.number} stands above {below.number} already" in loop.output) == (2, True)
    for args in (("link", above.number, theirs.number), ("show", theirs.number), ("unlink", "SH-0")):
        refused = run(*args)
        assert (refused.exit_code, "There is no case" in refused.output) == (2, True), args
    assert "There is no person 'nobody'" in run("list", who="nobody").output
    assert "rita has no right for this" in run("link", above.number, below.number, who="rita").output
    assert "has no right" in run("list", who="rita").output
    assert CliRunner().invoke(main, ["cases", "list"]).exit_code == 2, "in nobody's name"

    assert run("unlink", below.number).output == f"{below.number} is under no other case any more.\n"
    assert ParentLink.objects.count() == 0


def test_a_split_makes_all_parts_or_none_and_the_same_again_makes_no_more(run, tmp_path):
    world = build()
    case = problem(world)
    table = tmp_path / "parts.csv"
    table.write_text("blocked,product,place\nPermit,,310115\nLorry,WRONG,\n", encoding="utf-8-sig")
    wrong = run("split", case.number, "--file", str(table))
    assert (wrong.exit_code, "“WRONG” is not known" in wrong.output, Case.objects.count()) == (2, True, 1)
    table.write_text(f"blocked,product,place\nPermit,,310115\nLorry,{world.plant.product_id},\n", encoding="utf-8-sig")
    for _again in range(2):
        said = run("split", case.number, "--file", str(table), "--part", "Words", "--json").output
        made = json.loads(said)["numbers"]
        found = list(Case.objects.filter(split_from=case).order_by("pk"))
        assert [one.number for one in found] == made
        assert [(one.blocked, one.place_id) for one in found] == [
            ("Words", "310115"), ("Permit", "310115"), ("Lorry", "310115"),
        ]  # fmt: skip
    assert f"{case.number} waits for 1 part:" in run("split", case.number, "--part", "One more").output
    for args, words in (
        ((), "Name the parts"),
        (("--part", " "), "Say what is blocked"),
        (("--part", "x" * 201), "at most 200"),
    ):
        refused = run("split", case.number, *args)
        assert (refused.exit_code, words in refused.output) == (2, True), args
    for text, words in (("blockt\nx\n", "column 'blockt' is not known"), ("place\nx\n", "the first is needed"),
                        ("blocked\nx,y\n", "does not name every")):  # fmt: skip
        table.write_text(text, encoding="utf-8")
        assert words in run("split", case.number, "--file", str(table)).output
    table.write_bytes(b"blocked\n\xff\n")
    assert "no CSV in UTF-8" in run("split", case.number, "--file", str(table)).output
    assert Case.objects.filter(split_from=case).count() == 4


def test_moves_and_merges_are_made_and_undone_and_refused_with_the_way_out(run):
    world = build()
    case, twin = problem(world), problem(world, blocked="Staff wait")
    assert run("move", case.number, "accept").output == f"{case.number}: Accepted.\n"
    assert run("move", case.number, "hand_over", "--desk", "320000", "--text", "Your gate?").exit_code == 0
    assert Case.objects.get(pk=case.pk).offered_to == world.jiangsu
    for args, words in (
        (("move", case.number, "accept"), "is not possible from there"),
        (("move", twin.number, "assign", "--owner", "nobody"), "no person 'nobody'"),
        (("move", twin.number, "hand_over", "--desk", "320000/moon", "--text", "x"), "“320000/moon” is no department"),
        (("move", twin.number, "dance"), "“dance” is not a move; choose one of"),
        (("merge", case.number, "SH-0", "--text", "same"), "There is no case “SH-0” that you may work on"),
        (("unmerge", twin.number), "there is nothing to undo"),
    ):
        refused = run(*args)
        assert (refused.exit_code, words in refused.output) == (2, True), refused.output
    assert (
        run("merge", twin.number, case.number, "--text", "same").output == f"{twin.number} goes on in {case.number}.\n"
    )
    assert "case of its own again: Filed" in run("unmerge", twin.number).output
