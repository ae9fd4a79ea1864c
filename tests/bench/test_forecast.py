import numpy as np

from ballast.bench.forecast import plants, rows, site_events
from ballast.bench.references.forecast import dense_rates
from ballast.core.forecast import Event, forecast


def test_the_dense_reference_answers_as_the_forecast():
    network = plants(400)
    events = [
        *site_events(network, 20),
        Event("region", "region", "150000", 2, 9, 0.3),
        Event("lane", "lane", "*>310000", 1, 8, 0.5),
    ]
    found = forecast(network, events, horizon=25)
    assert np.abs(found.low.rate - dense_rates(network, events, 25)).max() < 1e-9
    assert (found.low.stop_day >= 0).sum() > 20


def test_rows_name_what_was_timed():
    found = list(rows([300], repeat=1))
    assert [row.question for row in found] == ["one event, 30 days, explained", "100 events, 30 days, low and high run"]
    assert all(row.seconds > 0 and row.ratio and row.difference < 1e-9 for row in found)
