"""Two processes of this machine as a dask cluster: same bits as here, a killed one costs its piece only."""

import os
import signal
import sys

import numpy as np
import pytest
from tests.core.worlds import network_of, random_world
from tests.scale.questions import SIZE, Failing, Traced, starts

from ballast.bench.stops import network_of as trading
from ballast.bench.worlds import LARGE_BUY_MORE, synthetic
from ballast.core.forecast import Uncertainty, ensemble
from ballast.core.parallel import in_pieces, joined
from ballast.core.stops import single_failures, worst_pairs
from ballast.core.systemic_risk import of_sites, systemic_risk
from ballast.scale import ScaleError, cluster, cluster_at, local_workers


@pytest.fixture(scope="module")
def workers():
    with local_workers(2) as executor:
        yield executor


@pytest.fixture(scope="module")
def network():
    return network_of(random_world(3))


def test_sweeps_of_every_site_have_the_same_bits(workers):
    here, there = (single_failures(trading(synthetic(1100)), executor=e) for e in (None, workers))
    assert here.lost_output.tobytes() == there.lost_output.tobytes()
    assert here.stops.tobytes() == there.stops.tobytes()
    assert here.stops.max() > 10


def test_pairs_have_the_same_bits(workers):
    network = trading(synthetic(300, buying=LARGE_BUY_MORE))
    here, there = (worst_pairs(network, top=10, horizon=30.0, executor=e) for e in (None, workers))
    for name in ("first", "second", "stops", "lost_output", "beyond", "together"):
        assert getattr(here, name).tobytes() == getattr(there, name).tobytes()
    assert here.evaluated == there.evaluated > 256, "more than one piece"


@pytest.mark.parametrize("mode", ["compatible", "exact"])
@pytest.mark.parametrize("firms", [None, [5, 3, 100]])
def test_systemic_risk_has_the_same_bits(workers, firms, mode):
    trade = of_sites(trading(synthetic(300)))
    here, there = (systemic_risk(trade, firms, mode=mode, executor=e) for e in (None, workers))
    for name in ("steps", "esri", "downstream", "upstream", "lower", "upper"):
        assert getattr(here, name).tobytes() == getattr(there, name).tobytes()
    assert here.esri.max() > 0.01


def test_draws_have_the_same_bits(workers):
    world = random_world(7)
    about = Uncertainty(stock_error=0.4, end_days=2)
    here, there = (
        ensemble(network_of(world), world.events, draws=30, uncertainty=about, executor=e) for e in (None, workers)
    )
    assert here.total_lost.tobytes() == there.total_lost.tobytes()
    assert here.stop_quantiles(0.5).tobytes() == there.stop_quantiles(0.5).tobytes()
    assert here.total_lost.max() > 0


def test_a_killed_worker_costs_the_piece_that_it_had(workers, network, tmp_path):
    def kill(done):
        if done == SIZE * 4:
            os.kill(next(iter(workers.client.run(os.getpid).values())), signal.SIGKILL)

    question = Traced(str(tmp_path), seconds=0.05)
    found = in_pieces(question, network, 60, size=SIZE, executor=workers, progress=kill)
    assert joined(found, 0, np.int64).tolist() == [k * network.sites for k in range(60)]
    begun = starts(tmp_path)
    assert sorted(set(begun)) == list(range(0, 60, SIZE))
    # The piece under way, and at most one that was done but not yet handed over.
    assert len(begun) <= 60 / SIZE + 2


def test_ctrl_c_at_the_terminal_is_not_for_the_workers(network):
    with local_workers(1) as executor:
        before = executor.client.run(os.getpid)
        for pid in before.values():
            os.kill(pid, signal.SIGINT)
        single_failures(network, executor=executor)
        assert executor.client.run(os.getpid) == before


def test_an_error_in_a_piece_is_raised_as_it_is(workers, network):
    with pytest.raises(ValueError, match="rows 0 to 2 cannot be"):
        in_pieces(Failing(), network, 2, size=2, executor=workers)


def test_a_running_cluster_is_joined_by_its_address(workers, network, tmp_path):
    address = workers.client.scheduler.address
    with cluster_at(address, folder=tmp_path) as joining:
        found = single_failures(network, executor=joining)
    assert found.lost_output.tobytes() == single_failures(network).lost_output.tobytes()
    assert [path.name for path in tmp_path.iterdir()] == [f"network-{network.digest[:16]}"]


def test_workers_that_do_not_see_the_file_are_sent_the_network(workers, tmp_path, monkeypatch):
    network = network_of(random_world(8))
    monkeypatch.setattr(cluster.workers, "has", _never)
    with cluster_at(workers.client.scheduler.address, folder=tmp_path) as joining:
        joining._share(network).path.unlink()
        found = single_failures(network, executor=joining)
    assert found.lost_output.tobytes() == single_failures(network).lost_output.tobytes()


def _never(path):
    return False


def test_a_cluster_that_is_not_there(monkeypatch):
    monkeypatch.setattr(cluster, "_ANSWER", 0.5)
    with (
        pytest.raises(ScaleError, match=r"No cluster answers at tcp://127\.0\.0\.1:9"),
        cluster_at("tcp://127.0.0.1:9"),
    ):
        pass


@pytest.mark.parametrize("address", ["nowhere at all", "nix://127.0.0.1:1"])
def test_an_address_that_is_none(address, monkeypatch):
    monkeypatch.setattr(cluster, "_ANSWER", 0.5)
    with pytest.raises(ScaleError, match="No cluster answers at"), cluster_at(address):
        pass


def test_a_cluster_without_workers(monkeypatch):
    from distributed import LocalCluster

    monkeypatch.setattr(cluster, "_WORKER", 0.3)
    with (
        LocalCluster(n_workers=0, processes=True, dashboard_address="127.0.0.1:0") as empty,
        pytest.raises(ScaleError, match=r"has no workers.*dask worker"),
        cluster_at(empty.scheduler_address),
    ):
        pass


def test_workers_with_other_programs_are_refused(workers, monkeypatch):
    monkeypatch.setattr(cluster.workers, "version", lambda name: "0.0.1")  # here, not in the workers
    with (
        pytest.raises(ScaleError, match=r"has ballast .*, here it is 0\.0\.1"),
        cluster_at(workers.client.scheduler.address),
    ):
        pass


def test_without_dask_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ScaleError, match=r"pip install 'ballast\[cluster\]'"), local_workers(2):
        pass
