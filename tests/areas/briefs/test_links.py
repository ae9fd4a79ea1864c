"""Every figure of the brief opens the list that it counts."""

import pytest
from tests import factories as make
from tests.areas.briefs.world import HOUR, case, moved, world

from ballast.areas.accounts.models import Role
from ballast.areas.briefs import selectors
from ballast.areas.briefs.models import Brief
from ballast.areas.cases.models import State
from ballast.areas.papers.blocks import Fact, Items, Table

pytestmark = pytest.mark.django_db
# Figures that count no list: shares, money, days, changes, ranks.
_OTHER = (".share", ".lost", ".change", ".before", ".cover", ".at_risk", ".horizon")
_LISTS = ("/cases/?", "/lamps/?", "/stops/?", "/enterprises/?", "/reports/?")


def counted(brief):
    """Facts that say how many rows a list has."""
    document = selectors.document_of(brief, "en")
    rows = list(document.head)
    for block in document.blocks:
        if isinstance(block, Items):
            rows += block.rows
        elif isinstance(block, Table):
            rows += [cell for line in block.rows for cell in line]
        else:
            rows.append(getattr(block, "parts", ()))
    facts = {part for parts in rows for part in parts if isinstance(part, Fact)}
    wanted = [f for f in facts if f.href.startswith(_LISTS) and isinstance(f.value, int)]
    return [f for f in wanted if not f.id.endswith(_OTHER) and f.id not in {"list.batches"}]


def busy():
    first, second = world()
    case(first)
    case(first, filed=30 * HOUR, kind="energy")
    moved(case(first, state=State.SOLVED, filed=50 * HOUR), State.SOLVING, State.SOLVED)
    moved(case(second, state=State.CONFIRMED, filed=60 * HOUR), State.SOLVED, State.CONFIRMED)
    case(second, filed=90 * HOUR, due=2 * HOUR)
    handed = case(second, filed=90 * HOUR, due=2 * HOUR)
    handed.lead_region = first.region
    handed.save()


@pytest.mark.parametrize(
    "scope", [{"role": Role.MINISTRY_OFFICER}, {"role": Role.PROVINCE_OFFICER, "region": "310000"}]
)
def test_figure_equals_the_length_of_its_list(client, scope):
    busy()
    client.force_login(make.user(**scope))
    client.get("/briefs/2022-04-28/")
    facts = counted(Brief.objects.get())
    assert len(facts) > 25
    wrong = {}
    for fact in facts:
        answer = client.get(fact.href + "&format=csv")
        assert answer.status_code == 200, fact.href
        body = getattr(answer, "streaming_content", None)
        text = (b"".join(body) if body else answer.content).decode("utf-8-sig")
        rows = len(text.strip().splitlines()) - 1
        if rows != fact.value:
            wrong[f"{fact.id} {fact.href}"] = (fact.value, rows)
    assert wrong == {}
