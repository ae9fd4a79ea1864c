import numpy as np
import pytest

from ballast.bench.inventory import boario_days, rows, struck, tiled, traded
from ballast.bench.references.inventory import firms_by_columns, table_by_matrices
from ballast.core.inventory import simulate, simulate_table


def test_whole_columns_and_ours_agree_on_every_firm_and_day():
    network = traded(300)
    damage = struck(network, 40)
    plain = firms_by_columns(network, damage, 40, target=15.0, tau=6.0)
    assert simulate(network, damage, days=40, rates=True).rates == pytest.approx(plain, abs=1e-9)
    assert plain.min() < 0.6


def test_whole_matrices_and_ours_agree_on_every_industry_and_day():
    table = tiled(5, 9)
    loss = np.zeros((20, 45))
    loss[3:9, :9] = 0.5
    assert simulate_table(table, loss).output == pytest.approx(table_by_matrices(table, loss), rel=1e-9)
    assert (table.output > table.purchases.sum(axis=0)).all()


def test_rows_say_how_far_apart_the_two_are():
    firms, smallest, table, boario = rows([100], repeat=1)
    assert firms.difference <= 1e-9
    assert table.difference <= 1e-9
    assert "ns a link and day" in smallest.note
    assert boario.reference.startswith("BoARIO 0.7.2")


def test_boario_agrees_where_it_is_installed():
    pytest.importorskip("boario")
    table = tiled(3, 4)
    _seconds, lost, output = boario_days(table, 15)
    assert simulate_table(table, lost).output == pytest.approx(output, rel=1e-9)
