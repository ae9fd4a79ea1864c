"""The models over the API: figures of the worked example, names within the scope, bounded cost."""

import threading

import pytest
from tests import factories as make

from ballast.areas.accounts.services import issue_token
from ballast.areas.chains import analyses
from ballast.core.network import NetworkError

LISTS = ("/exposure", "/concentrations", "/plan")


@pytest.fixture
def get(client):
    def send(user, path):
        token = issue_token(user, "test")[1]
        return client.get(f"/api/v1{path}", headers={"Authorization": f"Bearer {token}"})

    return send


def test_exposure_ranks_the_failures_of_sites_in_scope(get, chain):
    found = get(chain.ministry, "/exposure?horizon=20").json()["items"]
    assert [(row["rank"], row["site_id"], row["stops"]) for row in found] == [
        (1, "S-ore", 3), (2, "S-part", 2), (3, "S-car", 1),
    ]  # fmt: skip
    first = get(chain.ministry, "/exposure?horizon=20&limit=2").json()
    second = get(chain.ministry, f"/exposure?horizon=20&limit=2&cursor={first['next']}").json()
    assert [row["site_id"] for row in first["items"] + second["items"]] == ["S-ore", "S-part", "S-car"]
    assert [row["site_id"] for row in get(chain.officer, "/exposure").json()["items"]] == ["S-car"]
    assert [row["site_id"] for row in get(chain.ministry, "/exposure?region=310000").json()["items"]] == ["S-car"]


def test_a_failure_tells_the_times_and_names_only_what_is_in_scope(get, chain):
    found = get(chain.ministry, "/sites/S-ore/failure?horizon=20").json()
    # The works stop after 1 + 4 days, the plant 2 + 2.5 days later.
    assert [(row["site_id"], row["stop_time"], row["product"]) for row in found["stops"]] == [
        ("S-ore", 0.0, ""), ("S-part", 5.0, "ore"), ("S-car", 9.5, "part"),
    ]  # fmt: skip
    officer = make.user("province_officer", username="jo", region="220000")
    own = get(officer, "/sites/S-ore/failure?horizon=20").json()
    assert [row["site_id"] for row in own["stops"]] == ["S-ore", "S-part"]
    assert (own["stops_total"], own["lost_output"]) == (3, found["lost_output"])
    both = get(chain.ministry, "/sites/S-ore/failure?also=S-part&also=S-ore").json()
    assert [row["stop_time"] for row in both["stops"]] == [0.0, 0.0, 4.5]


def test_what_is_out_of_scope_is_not_there(get, chain):
    for path in ("/sites/S-ore/failure", "/sites/S-car/failure?also=S-ore", "/sites/S-ore/survival"):
        assert get(chain.officer, path).status_code == 404
    for path in (*LISTS, "/sites/S-ore/failure", "/sites/S-ore/survival"):
        assert get(chain.reporter, path).status_code == 404, "not even the enterprise's own"


def test_survival_of_a_site(get, chain):
    chain.part.recovery_days = 3
    chain.part.save()
    found = get(chain.ministry, "/sites/S-part/survival").json()
    assert found["time_to_survive"] == pytest.approx(2.5 + 2)
    assert (found["alarm"], found["time_to_recover"], found["unlimited"]) == (False, 3.0, False)
    chain.part.recovery_days = 30
    chain.part.save()
    assert get(chain.ministry, "/sites/S-part/survival").json()["alarm"]


def test_concentrations_of_the_inputs_in_scope(get, chain):
    found = get(chain.ministry, "/concentrations").json()["items"]
    assert {(row["site_id"], row["product"]) for row in found} == {("S-part", "ore"), ("S-car", "part")}
    [own] = get(chain.officer, "/concentrations?by=enterprise").json()["items"]
    assert (own["site_id"], own["largest_source"], own["by"]) == ("S-car", "part-maker", "enterprise")
    assert get(chain.ministry, "/concentrations?by=luck").status_code == 422


def test_the_plan_chooses_among_the_open_cases_in_scope(get, closed):
    found = get(closed.ministry, "/plan?limit=1").json()
    [choice] = found["choices"]
    assert choice["cases"] == [closed.case.number]
    assert choice["alone"] == choice["in_set"] == found["value"] == found["bound"] == found["recoverable"]
    assert found["value"] == pytest.approx(closed.case.output_at_risk)
    assert get(closed.officer, "/plan").json()["choices"] == [], "the case is at home in another province"


@pytest.mark.parametrize(
    "path",
    [
        "/exposure?horizon=0", "/exposure?horizon=9999", "/plan?limit=0", "/plan?limit=1000", "/plan?horizon=4000",
        "/sites/S-ore/failure?horizon=nan", "/sites/S-ore/survival?capacity=-1",
        "/sites/S-ore/failure?" + "&".join(f"also=S{k}" for k in range(21)),
    ],
)  # fmt: skip
def test_figures_beyond_the_limits_are_refused_by_field(get, chain, path):
    answer = get(chain.ministry, path)
    assert answer.status_code == 422
    assert answer.json()["fields"]


@pytest.mark.parametrize("limit", ["_SITES", "_PLANNED"])
def test_a_register_too_large_to_answer_says_so(get, chain, monkeypatch, limit):
    monkeypatch.setattr(analyses, limit, 1)
    answer = get(chain.ministry, "/sites/S-part/survival")
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    assert "at most 1" in answer.json()["message"]


def test_who_waits_too_long_is_turned_away(get, chain, monkeypatch):
    monkeypatch.setattr(analyses, "_turn", threading.BoundedSemaphore(1))
    monkeypatch.setattr(analyses, "_PATIENCE", 0.05)
    with analyses._turn:
        answer = get(chain.ministry, "/exposure")
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many_requests")
    assert get(chain.ministry, "/exposure").status_code == 200


def test_an_error_gives_the_turn_back_and_keeps_the_one_shape(get, chain, monkeypatch):
    def refused(*_arguments, **_more):
        raise NetworkError("The network cannot be.")

    monkeypatch.setattr("ballast.core.stops.single_failures", refused)
    for _again in range(2):
        answer = get(chain.ministry, "/exposure")
        assert (answer.status_code, answer.json()) == (
            422, {"code": "invalid", "message": "The network cannot be.", "fields": []},
        )  # fmt: skip
