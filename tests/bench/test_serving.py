"""The server that the benchmarks ask."""

import os
from pathlib import Path

import pytest
from benchmarks.serving import Server, ticks


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="no /proc")
def test_processor_time_of_a_server_holds_that_of_its_first_process():
    before = ticks(os.getpid()) * 1000 / os.sysconf("SC_CLK_TCK")
    assert Server(port=0, process=os.getpid()).processor_ms() >= before > 0
