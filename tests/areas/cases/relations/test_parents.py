"""Cases under other cases: what waits for what, who may say so, and that no parent closes over an open child."""

import pytest
from tests.areas.cases.conftest import problem
from tests.areas.cases.relations.test_merging import history, row
from tests.areas.cases.test_api import call  # noqa: F401 - a fixture

from ballast.areas.audit.models import AuditEntry
from ballast.areas.audit.selectors import verify
from ballast.areas.cases import selectors, services
from ballast.areas.cases.models import Case, ParentLink
from ballast.areas.cases.relations.family import family_of


@pytest.fixture
def world(shared, db):
    return shared


def pair(world, *, blocks=True):
    """A case and one under it."""
    above, below = problem(world), problem(world, kind="logistics", blocked="Trucks wait")
    services.link_child(world.olga, above.number, child=below.number, blocks=blocks)
    return above, below


def move(world, case, name, user=None, **given):
    return services.make_move(user or world.olga, case.number, move=name, **given)


def solved(world, case):
    move(world, case, "assign", owner=world.olga)
    return move(world, case, "solve", text="Done.", outcome="solved_by_authority")


def closed(world, case):
    solved(world, case)
    return move(world, case, "confirm", user=world.rita)


def test_a_parent_is_neither_solved_confirmed_nor_withdrawn_while_a_child_that_blocks_is_open(world):
    above, below = pair(world)
    wait = f"Case {above.number} waits for {below.number}. It is solved or closed when those are closed"
    with pytest.raises(services.MoveRefusedError, match=wait):
        solved(world, above)
    with pytest.raises(services.MoveRefusedError, match=wait):
        move(world, above, "withdraw", user=world.rita, text="Never mind.")
    assert move(world, below, "assign", owner=world.olga).state == "assigned", "the child goes its own way"
    assert [c.number for c in selectors.queue(world.olga, {"held": "1"})] == [above.number]
    assert selectors.counts(world.olga)["held"] == 1
    solved(world, below)
    with pytest.raises(services.MoveRefusedError, match=wait):
        solved(world, above)
    move(world, below, "confirm", user=world.rita)
    assert selectors.counts(world.olga)["held"] == 0
    assert closed(world, above).state == "confirmed"


def test_a_child_that_does_not_block_or_was_taken_off_keeps_nobody_waiting(world):
    above, below = pair(world, blocks=False)
    services.link_child(world.olga, above.number, child=below.number, blocks=True)
    services.link_child(world.olga, above.number, child=below.number, blocks=True)
    with pytest.raises(services.MoveRefusedError, match="waits for"):
        solved(world, above)
    services.unlink_child(world.olga, below.number)
    assert solved(world, above).state == "solved"
    told = [(line.move, line.words) for line in below.entries.filter(move="as_child")]
    assert told == [
        ("as_child", "Put under another case"),
        ("as_child", "The case above it waits for this one from now on"),
        ("as_child", "No longer under another case"),
    ]
    assert above.entries.filter(move="has_child").count() == 3
    acts = AuditEntry.objects.filter(subject_id=below.number, action="case.as_child").order_by("pk")
    assert [(act.detail["how"], act.detail["blocks"]) for act in acts] == [
        ("linked", False), ("changed", True), ("unlinked", False),
    ]  # fmt: skip
    assert acts[0].detail["case"] == above.number
    assert verify().whole
    with pytest.raises(services.MoveRefusedError, match="under no other case; there is nothing to take off"):
        services.unlink_child(world.olga, below.number)


def test_loops_second_parents_and_closed_parents_are_refused(world):
    above, below = pair(world)
    third = problem(world, blocked="A third")
    services.link_child(world.olga, below.number, child=third.number, blocks=True)
    refused = [
        (above, above, "cannot be put under itself"),
        (below, above, "stands above"),
        (third, above, f"Case {above.number} stands above {third.number} already"),
        (above, third, f"Case {third.number} is under {below.number} already"),
    ]
    for parent, child, words in refused:
        with pytest.raises(services.MoveRefusedError, match=words):
            services.link_child(world.olga, parent.number, child=child.number, blocks=True)
    done, late = problem(world, blocked="Done"), problem(world, blocked="Late")
    closed(world, done)
    with pytest.raises(services.MoveRefusedError, match=r"Reopen .* first, or put .* under it without letting it wait"):
        services.link_child(world.olga, done.number, child=late.number, blocks=True)
    services.link_child(world.olga, done.number, child=late.number, blocks=False)
    with pytest.raises(services.MoveRefusedError, match="Reopen"):
        services.link_child(world.olga, done.number, child=late.number, blocks=True)
    with pytest.raises(services.MoveRefusedError, match="Fill in"):
        services.link_child(world.olga, above.number, child=" ", blocks=True)


def test_who_does_not_see_a_case_cannot_name_it_and_who_only_sees_it_is_told(world):
    mine = problem(world)
    theirs = problem(world, user=world.otto, site=world.elsewhere, place=world.jiangsu, blocked="Secret mould")
    for number, child in ((mine.number, theirs.number), (theirs.number, mine.number), (mine.number, "SH-0")):
        with pytest.raises(Case.DoesNotExist):
            services.link_child(world.olga, number, child=child, blocks=True)
    lent = problem(world, blocked="Lent")
    move(world, lent, "hand_over", region=world.jiangsu, text="Your gate?")
    move(world, lent, "take_over", user=world.jin)
    with pytest.raises(services.MoveRefusedError, match=f"Case {lent.number} is not yours to work on"):
        services.link_child(world.olga, mine.number, child=lent.number, blocks=True)
    services.link_child(world.mia, mine.number, child=theirs.number, blocks=True)
    with pytest.raises(services.MoveRefusedError) as caught:
        solved(world, mine)
    assert "waits for 1 case outside your scope." in caught.value.messages[0]
    assert theirs.number not in caught.value.messages[0]
    services.link_child(world.mia, mine.number, child=lent.number, blocks=True)
    with pytest.raises(services.MoveRefusedError, match=f"waits for {lent.number} and 1 case outside your scope"):
        move(world, mine, "solve", text="Done.", outcome="solved_by_authority")
    for user, number in ((world.olga, theirs.number), (world.jin, mine.number)):
        with pytest.raises(Case.DoesNotExist):
            services.unlink_child(user, number)
    with pytest.raises(services.MoveRefusedError, match="is not yours to work on"):
        services.unlink_child(world.jin, lent.number)
    seen = family_of(world.olga, mine)
    assert ([one.case.number for one in seen.children], seen.hidden, seen.held) == ([lent.number], 1, 2)
    assert (family_of(world.jin, theirs).parent, family_of(world.jin, theirs).above_hidden) == (None, True)


def test_a_child_that_is_opened_again_lets_a_parent_that_has_closed_be(world):
    above, below = pair(world)
    closed(world, below)
    closed(world, above)
    move(world, below, "reopen", text="It is back.")
    link = ParentLink.objects.get(child=below)
    assert (link.blocks, Case.objects.get(pk=above.pk).state) == (False, "confirmed")
    assert below.entries.last().words.startswith("Reopened after the case above it had closed")
    assert above.entries.last().words.startswith("A case under this one was reopened after")
    assert {case.entries.last().actor_name for case in (above, below)} == {"Ballast"}
    # Opened again, the parent waits for it when a desk says so.
    move(world, above, "reopen", text="It is.")
    services.link_child(world.olga, above.number, child=below.number, blocks=True)
    with pytest.raises(services.MoveRefusedError, match="waits for"):
        move(world, above, "withdraw", user=world.rita, text="x")


def test_merges_keep_the_rule_and_their_undoing_gives_all_back(world):
    above, below = pair(world)
    twin, other = problem(world, blocked="Trucks wait"), problem(world, blocked="Other")
    with pytest.raises(services.MoveRefusedError, match=f"waits for {below.number}"):
        services.merge_case(world.olga, above.number, into=other.number, text="same")
    before = [(row(case), history(case)) for case in (above, below, twin)]
    services.merge_case(world.olga, below.number, into=twin.number, text="same")
    with pytest.raises(services.MoveRefusedError, match=f"waits for {twin.number}"):
        move(world, above, "withdraw", user=world.rita, text="x")
    services.undo_merge(world.olga, below.number)
    assert [(row(case), history(case)) for case in (above, below, twin)] == before
    with pytest.raises(services.MoveRefusedError, match=f"waits for {below.number}"):
        move(world, above, "withdraw", user=world.rita, text="x")
    # What goes on in its own parent holds that back no longer.
    services.merge_case(world.olga, below.number, into=above.number, text="same")
    for parent, child in ((other, below), (below, other)):
        with pytest.raises(services.MoveRefusedError, match="was merged into another case; name the one"):
            services.link_child(world.olga, parent.number, child=child.number, blocks=True)
    assert closed(world, above).state == "confirmed"


def test_an_undone_merge_puts_no_open_child_under_a_closed_parent(world):
    above, below = pair(world)
    top = problem(world, blocked="Top")
    services.link_child(world.olga, top.number, child=above.number, blocks=False)
    services.merge_case(world.olga, below.number, into=top.number, text="same")
    closed(world, above)
    with pytest.raises(services.MoveRefusedError, match=f"A case that waits for {below.number} has closed"):
        services.undo_merge(world.olga, below.number)
    services.link_child(world.olga, above.number, child=problem(world).number, blocks=False)
    services.unlink_child(world.olga, below.number)
    assert services.undo_merge(world.olga, below.number).state == "filed"


def test_pages_show_the_family_put_cases_under_it_and_take_them_off(world, client):
    above, below = problem(world), problem(world, blocked="Trucks wait")
    client.force_login(world.olga)
    given = {"child": below.number, "blocks": "1"}
    page = client.post(f"/cases/{above.number}/children/", given, follow=True).text
    for words in (f"{below.number} is under {above.number} now", "Waits for 1 open case under it", "Trucks wait"):
        assert words in page
    assert f'href="/cases/{above.number}/"' in client.get(f"/cases/{below.number}/").text
    refused = client.post(f"/cases/{above.number}/children/", {"child": "SH-0"}, follow=True).text
    assert "There is no case “SH-0” that you may work on" in refused
    listed = client.get("/cases/?held=1").text
    assert "waits for 1 case" in listed
    assert listed.count(f'/cases/{above.number}/"') == 1
    table = client.get("/cases/?held=1&format=csv").content.decode("utf-8-sig").splitlines()
    assert table[0].endswith("Open children it waits for")
    assert [line.rsplit(",", 1)[1] for line in table[1:]] == ["1"]
    way = f'<a href="/cases/{above.number}/#family">waits for 1 case</a>'
    services.make_move(world.olga, above.number, move="assign", owner=world.olga)
    for address in (
        f"/search/?q={above.number}",
        "/cases/?held=1",
        "/cases/board/",
        "/cases/mine/",
        "/dispatch/ledger/",
    ):
        assert client.get(address).text.count(way) == 1, address
    ledger = b"".join(client.get("/dispatch/ledger/?format=csv").streaming_content).decode("utf-8-sig").splitlines()
    assert sorted(line.rsplit(",", 1)[1] for line in ledger) == ["0", "1", "Open children it waits for"]
    client.force_login(world.rita)
    portal = client.get(f"/portal/problems/{above.number}/").text
    assert "It waits for 1 other case that is open" in portal
    assert "Another case was put under this one; this case waits for it" in portal
    assert f"({below.number})" in portal
    client.force_login(world.jin)
    assert client.post(f"/cases/{above.number}/children/", given).status_code == 404
    assert client.post(f"/cases/{below.number}/unlink/").status_code == 404
    client.force_login(world.olga)
    gone = client.post(f"/cases/{below.number}/unlink/", {"back": above.number}, follow=True)
    assert gone.redirect_chain[-1][0] == f"/cases/{above.number}/"
    assert f"{below.number} is under no other case any more" in gone.text
    assert "nothing to take off" in client.post(f"/cases/{below.number}/unlink/", follow=True).text


def test_the_api_links_shows_and_unlinks(world, call):  # noqa: F811
    above, below = problem(world), problem(world, blocked="Trucks wait")
    theirs = problem(world, user=world.otto, site=world.elsewhere, place=world.jiangsu)
    linked = call("olga", "POST", f"/cases/{above.number}/children", {"child": below.number})
    child = {"number": below.number, "state": "filed", "blocks": True, "open": True}
    assert linked.json() == {"parent": None, "blocks": False, "children": [child], "hidden": 0}
    shown = call("olga", "GET", f"/cases/{above.number}").json()
    assert (shown["waits_for"], shown["family"]["children"]) == (1, [child])
    assert shown["story"][-1]["other"] == below.number
    assert call("rita", "GET", f"/cases/{below.number}").json()["family"]["parent"] == above.number
    listed = call("olga", "GET", "/cases?held=true").json()["items"]
    assert [(one["number"], one["waits_for"]) for one in listed] == [(above.number, 1)]
    loop = call("olga", "POST", f"/cases/{below.number}/children", {"child": above.number})
    assert (loop.status_code, loop.json()["fields"][0]["field"]) == (409, "child")
    assert call("olga", "POST", f"/cases/{above.number}/children", {"child": theirs.number}).status_code == 404
    assert call("jin", "POST", f"/cases/{below.number}/unlink").status_code == 404
    assert call("rita", "POST", f"/cases/{below.number}/unlink").status_code == 404
    gone = call("olga", "POST", f"/cases/{below.number}/unlink")
    assert (gone.status_code, gone.json()["parent"]) == (200, None)


def test_a_case_page_takes_as_many_queries_for_many_children_as_for_one(world, client, django_assert_max_num_queries):
    above = problem(world)

    def grow(count):
        for _ in range(count):
            child = problem(world, blocked=f"Part {_}")
            services.link_child(world.mia, above.number, child=child.number, blocks=True)

    client.force_login(world.olga)
    grow(1)
    client.get(f"/cases/{above.number}/")
    with django_assert_max_num_queries(200) as few:
        client.get(f"/cases/{above.number}/")
    grow(4)
    with django_assert_max_num_queries(len(few)):
        client.get(f"/cases/{above.number}/")
