"""Who has a case at every moment: departments, refusals, cases given back, working groups. No dead end anywhere."""

import datetime as dt
import random
from types import SimpleNamespace

import pytest
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import transaction
from django.test import Client
from tests import factories as make
from tests.areas.cases.conftest import problem
from tests.walks import walks

from ballast.areas.accounts.access import restrict
from ballast.areas.accounts.models import User
from ballast.areas.cases import selectors, services
from ballast.areas.cases.models import Case, CaseEntry
from ballast.areas.cases.ownership.standing import standing
from ballast.areas.desks import services as desks
from ballast.areas.desks.models import Department, WorkingGroup
from ballast.areas.notices.models import Notice

pytestmark = pytest.mark.django_db
LATER = make.TODAY + dt.timedelta(days=30)


@pytest.fixture(scope="module")
def built(django_db_setup, django_db_blocker):
    """Two provinces; in one of them the departments transport (tom) and energy (ella) beside the desk (olga)."""
    with django_db_blocker.unblock(), transaction.atomic():
        make.authority()
        nation = make.region("CN", level="nation", name="China")
        shanghai = make.region("310000", nation, level="province", short="SH", name="Shanghai")
        jiangsu = make.region("320000", nation, level="province", short="JS", name="Jiangsu")
        district = make.region("310115", shanghai, name="Pudong")
        car = make.enterprise("car", region=district, name="Car works", chains=[make.chain()])
        other = make.enterprise("other", region=jiangsu, name="Other works")
        people = {
            "rita": ("reporter", {"enterprise": "car"}), "otto": ("reporter", {"enterprise": "other"}),
            "mia": ("ministry_officer", {}), "lee": ("leader", {"region": "320000"}),
            **{name: ("province_officer", {"region": "310000"}) for name in ("olga", "tom", "ella")},
            "jin": ("province_officer", {"region": "320000"}),
        }  # fmt: skip
        for name, (role, scope) in people.items():
            make.user(role, username=name, **scope)
        mia = User.objects.get(username="mia")
        transport = desks.save_department(mia, shanghai, "transport", name="Transport", members=["tom"])
        energy = desks.save_department(mia, shanghai, "energy", name="Energy", members=["ella"])
        yield SimpleNamespace(
            nation=nation, shanghai=shanghai, jiangsu=jiangsu, district=district, transport=transport, energy=energy,
            plant=make.site("car-07", of=car, name="Car plant"), elsewhere=make.site("oth-01", of=other), people=people,
        )  # fmt: skip
        transaction.set_rollback(True)


@pytest.fixture
def world(built):
    """The world with every person read anew, as each request does."""
    return SimpleNamespace(**vars(built), **{name: User.objects.get(username=name) for name in built.people})


def fresh(name):
    return User.objects.get(username=name)


def move(user, case, name, text="because", **fields):
    services.make_move(fresh(user.username), case.number, move=name, text=text, **fields)
    case.refresh_from_db()
    return case


def page(name):
    client = Client()
    client.force_login(fresh(name), backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_not_our_responsibility_is_no_dead_end(world):
    """Complaint 10: a refusal says who and why, the superior decides, and a desk leads all the while."""
    case = problem(world)
    move(world.olga, case, "hand_over", region=world.jiangsu)
    move(world.jin, case, "refuse", "The gate is yours.")
    assert (case.lead_region, case.offered_to, case.escalated_to) == (world.shanghai, None, world.nation)
    assert standing(case).refuser == "jin (Jiangsu)"
    with pytest.raises(Case.DoesNotExist):
        move(world.olga, case, "decide", region=world.jiangsu)
    told = page("rita").get(f"/portal/problems/{case.number}/").content.decode()
    assert "jin (Jiangsu) refused it: “The gate is yours.”. China decides who leads it." in told
    move(world.mia, case, "decide", "The lorries stand in Jiangsu.", region=world.jiangsu)
    assert (case.lead_region, case.escalated_to, case.owner) == (world.jiangsu, None, None)
    line = case.entries.last()
    assert (line.move, line.toward, line.words) == ("decide", world.jiangsu, "Decide who leads")
    assert "→ Jiangsu" in page("rita").get(f"/portal/problems/{case.number}/").content.decode()


def test_a_department_leads_inside_its_region_and_only_its_people_speak_for_it(world):
    case = problem(world)
    move(world.olga, case, "hand_over", department=world.transport)
    assert (case.lead_region, case.department, case.offered_department) == (world.shanghai, None, world.transport)
    with pytest.raises(Case.DoesNotExist):
        move(world.ella, case, "take_over")
    move(world.tom, case, "take_over")
    assert (case.lead_region, case.department, case.offered_to) == (world.shanghai, world.transport, None)
    assert list(selectors.desk_people(case)) == [world.tom]
    with pytest.raises(services.MoveRefusedError, match="Shanghai · Transport"):
        move(world.tom, case, "assign", owner=world.ella)
    with pytest.raises(Case.DoesNotExist):
        move(world.ella, case, "assign", owner=world.ella)
    assert selectors.visible_cases(fresh("ella")).filter(pk=case.pk).exists()
    with pytest.raises(services.MoveRefusedError, match="leads this case already"):
        move(world.tom, case, "hand_over", department=world.transport)
    move(world.tom, case, "hand_over", department=world.energy)
    move(world.ella, case, "refuse", "No power is missing.")
    assert (case.department, case.escalated_to) == (world.transport, world.shanghai)
    move(world.olga, case, "decide", department=world.energy)
    assert (case.department, case.escalated_to) == (world.energy, None)
    # The desk of the region stands above its departments.
    assert "assign" in {one.name for one in selectors.moves_for(fresh("olga"), case)}
    assert "assign" not in {one.name for one in selectors.moves_for(fresh("tom"), case)}
    line = page("mia").get(f"/api/v1/cases/{case.number}").json()
    assert (line["department"], line["story"][-1]["toward"]) == ("energy", "310000/energy")


def test_a_case_given_back_names_its_next_owner_or_goes_to_the_fallback_owner(world):
    """Complaint 10: the wrong owner passes it on; its superior gets what nobody was named for."""
    case = problem(world)
    move(world.olga, case, "give_back", "Not ours.", region=world.jiangsu)
    assert (case.lead_region, case.offered_to) == (world.shanghai, world.jiangsu)
    move(world.olga, case, "give_back", "Not ours.")
    assert (case.lead_region, case.offered_to) == (world.nation, None)
    with pytest.raises(services.MoveRefusedError, match="No region stands above China"):
        move(world.mia, case, "give_back")
    desks.save_fallback(fresh("olga"), world.shanghai, to_region=None, to_department=world.energy, to_person="ella")
    case = move(world.olga, problem(world), "give_back")
    assert (case.lead_region, case.department, case.owner) == (world.shanghai, world.energy, world.ella)
    # Its own desk does not get it again.
    move(world.ella, case, "give_back")
    assert (case.lead_region, case.department, case.owner) == (world.shanghai, None, None)
    world.ella.is_active = False
    world.ella.save()
    case = move(world.olga, problem(world), "give_back")
    assert (case.department, case.owner) == (world.energy, None)
    desks.save_fallback(fresh("olga"), world.shanghai, to_region=None)
    world.ella.is_active = True
    world.ella.save()


def test_who_closed_it_reads_that_it_is_open_again(world):
    """Complaint 9: a disputed case comes back to the desk that leads and to the person who had it."""
    case = problem(world)
    move(world.olga, case, "hand_over", department=world.transport)
    move(world.tom, case, "take_over")
    move(world.tom, case, "assign", owner=world.tom)
    move(world.tom, case, "solve")
    move(world.rita, case, "dispute", "The gate is still closed.")
    assert (case.department, case.owner, case.state) == (world.transport, world.tom, "disputed")
    assert case.number in {one.number for one in selectors.queue(fresh("tom"), {"mine": "1"})}


def group(world, **fields):
    given = {
        "name": "Front",
        "regions": [world.shanghai],
        "members": ["jin", "lee"],
        "starts": make.TODAY,
        "ends": LATER,
    }
    return desks.save_group(fresh("mia"), fields.pop("stored", None), **(given | fields))


def test_a_group_sees_and_works_its_own_cases_in_its_days_only(world):
    case, beside, row = problem(world), problem(world, kind="logistics"), group(world)
    seen = lambda name: set(selectors.visible_cases(fresh(name)).values_list("number", flat=True))  # noqa: E731
    assert case.number not in seen("jin")
    services.give_to_group(fresh("olga"), case.number, row, text="They know the lorries.")
    assert (case.number in seen("jin"), case.number in seen("lee"), beside.number in seen("jin")) == (True, True, False)
    assert selectors.queue(fresh("jin"), {"group": str(row.pk)}).get() == case
    assert not selectors.queue(fresh("jin"), {"group": "9" * 30}).exists()
    move(world.jin, case, "assign", owner=world.jin)
    assert (case.owner, case.lead_region) == (world.jin, world.shanghai)
    with pytest.raises(ObjectDoesNotExist):
        move(world.lee, case, "start")
    narrow = fresh("jin")
    restrict(narrow, [("province_officer", "320000", "", "")])
    assert not selectors.visible_cases(narrow).filter(pk=case.pk).exists()
    told = page("rita").get(f"/portal/problems/{case.number}/").content.decode()
    assert "The working group Front works on it too." in told
    assert "To a working group" in told
    group(world, stored=row, starts=make.TODAY - dt.timedelta(days=3), ends=make.TODAY - dt.timedelta(days=1))
    assert case.number not in seen("jin")
    assert page("jin").get(f"/cases/{case.number}/").status_code == 404
    assert case.lead_region == world.shanghai


def test_a_case_goes_to_a_group_that_is_for_it_and_comes_out_again(world):
    case, row, foreign = problem(world), group(world), group(world, regions=[world.jiangsu])
    give = lambda of, user="olga", text="why": services.give_to_group(fresh(user), case.number, of, text=text)  # noqa: E731
    for of, text, field in ((foreign, "why", "group"), (None, "why", "group"), (row, " ", "text")):
        with pytest.raises(ValidationError) as caught:
            give(of, text=text)
        assert field in caught.value.message_dict
    with pytest.raises(Case.DoesNotExist):
        give(row, user="jin")
    client = page("olga")
    assert client.post(f"/cases/{case.number}/group/", {"group": row.pk, "text": "why"}).status_code == 302
    case.refresh_from_db()
    assert case.group == row
    answer = client.post(f"/api/v1/cases/{case.number}/group", {"text": "done"}, "application/json").json()
    assert (answer["group"], answer["story"][-1]["move"]) == (None, "group")
    body = {"group": "999999", "text": "x"}
    assert client.post(f"/api/v1/cases/{case.number}/group", body, "application/json").status_code == 422
    move(world.rita, case, "withdraw")
    with pytest.raises(ValidationError, match="in hand"):
        give(row)


def test_both_desks_of_an_offer_read_the_contacts_of_their_fast_track(world):
    desks.save_track(fresh("olga"), {
        "one": world.shanghai, "one_name": "Olga Li", "one_phone": "021 555", "one_email": "",
        "other": world.jiangsu, "other_name": "Jin Wu", "other_phone": "", "other_email": "jin@example.org",
    })  # fmt: skip
    case = problem(world)
    assert "Jin Wu" not in page("olga").get(f"/cases/{case.number}/").content.decode()
    choice = f'<option value="{world.jiangsu.pk}"'
    assert choice in page("olga").get(f"/cases/{case.number}/").content.decode()
    assert page("olga").post(
        f"/cases/{case.number}/move/", {"move": "hand_over", "region": "320000", "text": "Your gate?"}
    ).status_code == 302  # fmt: skip
    for name in ("olga", "jin"):
        told = page(name).get(f"/cases/{case.number}/").content.decode()
        assert "Jin Wu" in told
        assert "021 555" in told
        assert "It waits for the answer of Jiangsu" in told
    answer = page("rita").get(f"/portal/problems/{case.number}/").content.decode()
    assert "It waits for the answer of Jiangsu" in answer
    assert "Jin Wu" not in answer


@pytest.mark.parametrize("seed", walks(2))
def test_no_walk_between_desks_leaves_a_case_without_one_that_can_move_it(world, seed):
    pick = random.Random(seed)
    case, groups = problem(world), [group(world), None]
    names = ["olga", "tom", "ella", "jin", "mia", "rita"]
    moves = ["hand_over", "take_over", "refuse", "give_back", "decide", "accept", "assign", "solve", "dispute"]
    places = [{"region": r} for r in (world.nation, world.shanghai, world.jiangsu, None)]
    places += [{"department": d} for d in (world.transport, world.energy)]
    for _ in range(30):
        user = fresh(pick.choice(names))
        with transaction.atomic():
            try:
                if pick.random() < 0.1:
                    services.give_to_group(user, case.number, pick.choice(groups), text="why")
                else:
                    name, owner = pick.choice(moves), fresh(pick.choice(names))
                    services.make_move(user, case.number, move=name, text="why", owner=owner, **pick.choice(places))
            except (ValidationError, ObjectDoesNotExist):
                pass
        case.refresh_from_db()
        assert case.department is None or case.department.region_id == case.lead_region_id
        assert case.offered_department is None or case.offered_to_id == case.offered_department.region_id
        desk = selectors.desk_people(case)
        assert desk.exists()
        if case.state in {"filed", "accepted", "assigned", "solving", "disputed"}:
            assert any("give_back" in {m.name for m in selectors.moves_for(person, case)} for person in desk)
        last = case.entries.filter(type=CaseEntry.Type.MOVE).last()
        if last.move in {"take_over", "decide"}:
            assert (last.toward_id, last.toward_department_id) == (case.lead_region_id, case.department_id)


def test_a_merge_and_its_undoing_keep_the_department_that_was_asked(world):
    goes, stays = problem(world), problem(world)
    move(world.olga, goes, "hand_over", department=world.energy)
    services.merge_case(fresh("olga"), goes.number, into=stays.number, text="The same.")
    goes.refresh_from_db()
    assert (goes.offered_to, goes.offered_department) == (None, None)
    services.undo_merge(fresh("olga"), goes.number)
    goes.refresh_from_db()
    assert (goes.offered_to, goes.offered_department) == (world.shanghai, world.energy)
    assert Department.objects.count() == 2
    assert not WorkingGroup.objects.filter(cases=goes).exists()


def test_whoever_has_to_answer_or_gets_the_case_is_told(world):
    told = lambda kind: sorted(Notice.objects.filter(template=kind).values_list("person__username", flat=True))  # noqa: E731
    case = problem(world)
    move(world.olga, case, "hand_over", department=world.transport)
    assert told("offered") == ["tom"]
    move(world.tom, case, "refuse")
    move(world.olga, case, "give_back", region=world.jiangsu)
    assert told("offered") == ["jin", "tom"]
    before = told("escalated")
    move(world.jin, case, "refuse")
    assert told("escalated") == sorted([*before, "mia"])
    move(world.mia, case, "decide", department=world.energy)
    assert told("arrived") == ["ella"]
    move(world.ella, case, "give_back")
    assert told("arrived") == ["ella", "olga", "tom"]
