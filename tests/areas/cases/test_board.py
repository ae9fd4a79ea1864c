"""The board: a column for each state, those that put most output at risk on top, each with pages of its own."""

import pytest
from tests.areas.cases.conftest import problem

from ballast.areas.cases import services
from ballast.areas.cases.board import CARDS, board
from ballast.areas.cases.models import Case

BOARD = "/cases/board/"


@pytest.fixture
def desk(client, world):
    client.force_login(world.olga, backend="django.contrib.auth.backends.ModelBackend")
    return client


def columns(page):
    return {shown.column.state.name: shown.column for shown in page.context["columns"]}


@pytest.fixture
def many(world):
    """More cases than one page of a column holds, the last one of most worth, and one accepted."""
    first = problem(world)
    names = [f.attname for f in Case._meta.concrete_fields if not f.generated and not f.primary_key]
    same = {name: getattr(first, name) for name in names} | {"event_id": None}
    Case.objects.bulk_create(
        Case(**same | {"number": f"SH-X-{n:04d}", "output_at_risk": float(n)}) for n in range(1, CARDS + 4)
    )
    services.make_move(world.olga, first.number, move="accept")
    return first


def test_every_open_state_has_a_column_with_its_count_and_worth(desk, many):
    found = columns(desk.get(BOARD))
    assert {"filed", "accepted", "assigned", "solving", "disputed", "solved"} <= set(found)
    assert "confirmed" not in found
    totals = {name: column.total for name, column in found.items() if column.total}
    assert totals == {"filed": CARDS + 3, "accepted": 1}
    assert found["filed"].output_at_risk == sum(range(1, CARDS + 4))
    assert [case.output_at_risk for case in found["filed"].cards] == [float(n) for n in range(CARDS + 3, 3, -1)]
    assert found["accepted"].cards == [many]


def test_a_column_turns_its_own_page_and_the_others_stay(desk, many):
    page = desk.get(BOARD)
    assert "?page_filed=2#column-filed" in page.text
    assert f"1 to {CARDS} of {CARDS + 3}" in page.text
    second = desk.get(f"{BOARD}?page_filed=2&kind=staff_return")
    found = columns(second)
    assert [case.output_at_risk for case in found["filed"].cards] == [3.0, 2.0, 1.0]
    assert found["accepted"].cards == [many]
    assert "?page_filed=1&amp;kind=staff_return#column-filed" in second.text
    for odd in ("9", "0", "x", "9" * 30):
        assert len(columns(desk.get(f"{BOARD}?page_filed={odd}"))["filed"].cards) in {3, CARDS}


def test_filters_narrow_the_board_and_a_state_shows_only_its_column(desk, world, many):
    assert columns(desk.get(f"{BOARD}?kind=energy"))["filed"].total == 0
    assert list(columns(desk.get(f"{BOARD}?state=accepted"))) == ["accepted"]
    assert list(columns(desk.get(f"{BOARD}?state=confirmed"))) == ["confirmed"]
    opened = desk.get(f"/cases/?{desk.get(f'{BOARD}?kind=staff_return').context['columns'][0].all}")
    assert opened.context["page"].paginator.count == CARDS + 3
    assert all(column.total == 0 for column in board(world.jin, {}))
    assert desk.get("/cases/?view=board&kind=energy").url == f"{BOARD}?kind=energy"
