"""The page of one lamp."""

import datetime as dt

import pytest
from tests import factories as make

from ballast.areas.alerts.rules import parts_cover
from ballast.areas.alerts.services import relight

pytestmark = pytest.mark.django_db
MORNING = dt.datetime(2022, 4, 28, 1, 0, tzinfo=dt.UTC)


@pytest.mark.parametrize(("language", "word"), [("en", "proposal"), ("zh-hans", "建议值")])
def test_a_limit_is_called_a_proposal_once(client, language, word):
    make.authority()
    need = make.need(stock=200.0, reported_at=MORNING)
    relight(at=MORNING)
    client.force_login(make.user())
    page = client.get(f"/lamps/{need.lamp.pk}/", headers={"accept-language": language}).content.decode()
    rule = parts_cover()
    proposed = sum(limit.proposal for limit in rule.thresholds) + rule.stale_proposal
    assert proposed > 1
    assert page.lower().count(word) == proposed
