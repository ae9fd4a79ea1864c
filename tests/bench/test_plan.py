from ballast.bench.plan import LIMIT, closed_sites, ranked_alone, rows, strict_network
from ballast.core.forecast import forecast


def test_the_ranking_beside_the_plan_is_worth_no_more_than_its_bound():
    (row,) = rows([300], repeat=1)
    assert row.met
    assert "gap 0.00%" in row.note
    network = strict_network(300)
    events = closed_sites(network, 30)
    at_risk = forecast(network, events).low.total_lost_output
    assert 0.0 < ranked_alone(network, events) <= at_risk
    assert len(events) > LIMIT
