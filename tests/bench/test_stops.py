import numpy as np

from ballast.bench.references.restart import plain_set, without
from ballast.bench.references.stops import dense_stop_days
from ballast.bench.stops import network_of, rows
from ballast.bench.worlds import synthetic
from ballast.core.stops import restart_set, stop_times


def test_the_day_loop_is_at_most_a_few_days_off():
    network = network_of(synthetic(400))
    for site in range(0, 400, 40):
        exact, days = stop_times(network, [site], horizon=60).stop_time, dense_stop_days(network, site, 60)
        # Each tier may round up by a day.
        assert (days[np.isfinite(days)] >= exact[np.isfinite(days)] - 1e-6).all()
        assert np.isfinite(exact).sum() >= np.isfinite(days).sum()


def test_rows_name_what_was_timed():
    found = list(rows([300], repeat=1))
    assert [row.question for row in found] == [
        "every site alone, 90 days", "worst 20 pairs, exact", "smallest restart set of one site",
        "every site alone, 90 days",
    ]  # fmt: skip
    assert found[3].size.endswith("large firms buy more")
    assert all(row.seconds > 0 and row.ratio > 0 for row in found)
    assert "same bits: True" in found[0].note


def test_the_plain_restart_set_is_minimal_too():
    network = network_of(synthetic(400))
    found = restart_set(network, 5, share=0.5)
    everyone = np.ones(network.sites, dtype=bool)
    plain = plain_set(found, everyone, range(network.sites))
    assert plain[5]
    assert plain.sum() >= found.sites.size
    # No site of either set can be left out.
    ours = np.isin(np.arange(network.sites), found.sites)
    for members in (plain, ours):
        assert not any(without(found, members, site)[5] for site in np.flatnonzero(members) if site != 5)
