"""The forecast over the API, in the scope of the token."""

import pytest
from tests import factories as make

from ballast.areas.accounts.services import issue_token


@pytest.fixture
def get(client):
    def send(user, path):
        token = issue_token(user, "test")[1]
        return client.get(f"/api/v1{path}", headers={"Authorization": f"Bearer {token}"})

    return send


def test_the_current_forecast_says_what_it_rests_on(get, closed):
    found = get(closed.ministry, "/forecasts/current").json()
    assert (found["day"], found["horizon"], found["network_hash"]) == ("2022-04-28", 30, closed.run.network_hash)
    assert found["stops_in_scope"] == {"3": 0, "7": 1, "14": 2}, "what stands already is not still to stop"
    assert found["summary"]["stops"] == 3
    assert get(closed.officer, "/forecasts/current").json()["summary"] == {}


def test_stops_are_those_in_scope(get, closed):
    assert [s["site_id"] for s in get(closed.officer, "/stops").json()["items"]] == ["S-car"]
    assert len(get(closed.ministry, "/stops").json()["items"]) == 3
    assert len(get(closed.ministry, "/stops?within=5").json()["items"]) == 2
    assert get(closed.ministry, "/stops?certain=false").json()["items"] == []


def test_a_path_is_told_without_names_out_of_scope(get, closed):
    found = get(closed.officer, "/stops/S-car")
    assert "Ore works" not in found.text
    assert (found.json()["events"], found.json()["hidden_events"]) == ([], 1)
    assert get(closed.ministry, "/stops/S-car").json()["path"][0]["cover_days"] == 2.5
    assert get(closed.officer, "/stops/S-part").status_code == 404


def test_enterprises_have_none_of_it(get, closed):
    for path in ("/forecasts/current", "/stops", "/stops/S-ore"):
        assert get(closed.reporter, path).status_code == 404


def test_before_the_first_forecast_there_is_none(get, chain):
    assert get(chain.ministry, "/forecasts/current").status_code == 404
    assert get(chain.ministry, "/stops").json() == {"items": [], "next": None}
    assert get(make.user("analyst"), "/stops/S-car").status_code == 404
