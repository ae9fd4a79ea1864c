import numpy as np
import pytest

from ballast.bench.references.systemic_risk import Rescan
from ballast.bench.systemic_risk import network_of, rows
from ballast.core.systemic_risk import systemic_risk


@pytest.mark.parametrize("leak", [0.0, 0.3])
def test_the_rescan_gives_the_same_losses(leak):
    network = network_of(400, leak)
    rescan, firms = Rescan(network), list(range(0, 400, 40))
    for eps in (1e-2, 1e-8):
        found = systemic_risk(network, firms, eps=eps).esri
        assert found == pytest.approx([rescan.loss(firm, eps) for firm in firms], abs=1e-12)


def test_exact_mode_holds_the_settled_loss_of_a_larger_network():
    network = network_of(2_000, 0.0)
    firms = list(range(0, 2_000, 200))
    found, settled = systemic_risk(network, firms, mode="exact"), systemic_risk(network, firms, eps=1e-12).esri
    assert (found.lower <= settled + 1e-9).all()
    assert (settled <= found.upper + 1e-9).all()
    assert np.abs(found.esri - settled).max() <= found.accuracy


def test_rows_name_what_was_timed():
    found = list(rows([300], repeat=1))
    beside = ["compatible, a firm", "exact to 0.0002, a firm", "exact to 1e-06, a firm"]
    assert [row.question for row in found] == [
        *beside, *beside, "exact, every firm, two threads", "a visited link", *beside,
    ]  # fmt: skip
    assert all(row.seconds > 0 and row.ratio > 0 for row in found)
    assert all(row.difference <= 2e-4 for row in found if row.question in beside)
    assert "same bits: True" in found[6].note
    assert found[-1].size.endswith("closed, large firms buy more")
