"""A run that was stopped goes on where it was, and takes nothing that does not belong to it."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from tests.core.worlds import network_of, random_world
from tests.scale.questions import SIZE, Traced, starts

from ballast.bench.stops import network_of as trading
from ballast.bench.worlds import synthetic
from ballast.core.forecast import Uncertainty, ensemble
from ballast.core.parallel import Threads, in_pieces, joined
from ballast.core.stops import worst_pairs
from ballast.scale import Kept, ScaleError

ROOT = Path(__file__).parents[2]
COUNT = 20


@pytest.fixture
def network():
    return network_of(random_world(3))


@pytest.fixture
def kept(tmp_path, network):
    """Makes an executor that keeps its pieces, anew each time as by a new run."""
    return lambda threads=1: Kept(tmp_path / "kept", Threads(threads), network.digest)


@pytest.fixture
def trace(tmp_path):
    (tmp_path / "trace").mkdir()
    return tmp_path / "trace"


def _ask(executor, network, trace, **more):
    found = in_pieces(Traced(str(trace)), network, COUNT, size=SIZE, executor=executor, **more)
    return joined(found, 0, np.int64).tolist(), joined(found, 1, np.float64).tolist()


@pytest.mark.parametrize("threads", [1, 2])
def test_only_what_is_missing_is_computed(kept, network, trace, threads):
    def stop(done):
        if done == 6:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        _ask(kept(threads), network, trace, progress=stop)
    done_before = len(list((trace.parent / "kept").glob("*/*-*")))
    assert done_before >= 3
    again, seen = kept(threads), []
    whole = ([k * network.sites for k in range(COUNT)], [0.5] * COUNT)
    assert _ask(again, network, trace, progress=seen.append) == whole
    assert again.found == done_before
    assert seen[again.found - 1] == SIZE * done_before, "what is kept counts as done at once"
    third = kept(threads)
    assert _ask(third, network, trace) == whole
    assert third.found == COUNT / SIZE


def test_a_run_ended_by_kill_9_goes_on(kept, network, trace):
    code = (
        "from tests.core.worlds import network_of, random_world\n"
        "from tests.scale.questions import Traced\n"
        "from ballast.core.parallel import Threads, in_pieces\n"
        "from ballast.scale import Kept\n"
        "from pathlib import Path\n"
        "network = network_of(random_world(3))\n"
        f"kept = Kept(Path({str(trace.parent / 'kept')!r}), Threads(1), network.digest)\n"
        f"in_pieces(Traced({str(trace)!r}, 0.1), network, {COUNT}, size={SIZE}, executor=kept)\n"
    )
    run = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT)
    for _ in range(600):
        if len(starts(trace)) >= 4:
            break
        time.sleep(0.05)
    run.send_signal(signal.SIGKILL)
    run.wait()
    begun = starts(trace)
    assert 4 <= len(begun) < COUNT / SIZE
    again = kept()
    found = in_pieces(Traced(str(trace), 0.1), network, COUNT, size=SIZE, executor=again)
    assert joined(found, 0, np.int64).tolist() == [k * network.sites for k in range(COUNT)]
    assert again.found >= len(begun) - 1
    assert len(starts(trace)) <= COUNT / SIZE + 1, "only the piece under way was begun twice"


def test_pairs_and_draws_come_back_with_the_same_bits(tmp_path):
    network, world = trading(synthetic(60)), random_world(7)
    runs = []
    for _run in range(2):
        executor = Kept(tmp_path / "pairs", Threads(2), network.digest)
        found = worst_pairs(network, top=5, horizon=30.0, executor=executor)
        runs.append((found.first.tobytes(), found.lost_output.tobytes()))
    assert runs[0] == runs[1]
    assert executor.found > 3
    about, drawn = Uncertainty(stock_error=0.4), network_of(world)
    for _run in range(2):
        executor = Kept(tmp_path / "draws", Threads(2), drawn.digest)
        runs.append(ensemble(drawn, world.events, draws=9, uncertainty=about, executor=executor).total_lost.tobytes())
    assert runs[2] == runs[3]
    assert executor.found == 3
    other = Kept(tmp_path / "draws", Threads(2), drawn.digest)
    ensemble(drawn, world.events, draws=9, seed=2, uncertainty=about, executor=other)
    assert other.found == 0, "another seed is another question"


def _damage(path):
    raw = bytearray(path.read_bytes())
    raw[-1] ^= 1
    path.write_bytes(raw)


def _cut(path):
    path.write_bytes(path.read_bytes()[:40])


def _swap(path):
    path.write_bytes(next(p for p in sorted(path.parent.iterdir()) if p != path).read_bytes())


@pytest.mark.parametrize("spoil", [_damage, _cut, _swap])
def test_a_spoilt_piece_is_refused_by_name(kept, network, trace, spoil):
    _ask(kept(), network, trace)
    path = sorted((trace.parent / "kept").glob("*/*-*"))[2]
    spoil(path)
    with pytest.raises(ScaleError, match=f"{path}: is damaged, or is no piece of this question. Remove the file"):
        _ask(kept(), network, trace)
    path.unlink()
    again = kept()
    assert _ask(again, network, trace)[0][-1] == (COUNT - 1) * network.sites
    assert again.found == COUNT / SIZE - 1


def test_pieces_of_another_network_or_program_are_refused(kept, network, trace, tmp_path):
    _ask(kept(), network, trace)
    other = network_of(random_world(4))
    with pytest.raises(ScaleError, match=f"holds pieces of network {network.digest[:12]}.*this is network"):
        Kept(tmp_path / "kept", Threads(1), other.digest)
    about = tmp_path / "kept" / "resume.json"
    about.write_text(json.dumps(json.loads(about.read_text()) | {"ballast": "0.0.1"}))
    with pytest.raises(ScaleError, match=r"by Ballast 0\.0\.1"):
        kept()


def test_a_folder_that_cannot_be_used_is_named(tmp_path, network):
    (tmp_path / "file").write_text("")
    with pytest.raises(ScaleError, match=r"file/resume\.json: cannot be used"):
        Kept(tmp_path / "file", Threads(1), network.digest)
    (tmp_path / "resume.json").write_text("{")
    with pytest.raises(ScaleError, match="Give another folder"):
        Kept(tmp_path, Threads(1), network.digest)


def test_a_full_disk_is_said(kept, network, trace, monkeypatch):
    def full(*_arguments, **_more):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("ballast.scale.kept.save_arrays", full)
    with pytest.raises(ScaleError, match="No space left on device"):
        _ask(kept(), network, trace)
