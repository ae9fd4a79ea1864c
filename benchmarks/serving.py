"""A real server on the loopback, asked as a browser would ask it, with the processor time that it takes."""

import contextlib
import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Server", "served", "ticks"]


@dataclass(frozen=True)
class Server:
    """A running server: the port it listens at and its first process."""

    port: int
    process: int

    def ask(self, address: str, cookie: str) -> float:
        """Milliseconds of one request, connection included; it has to succeed."""
        begin = time.perf_counter()
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        link.request("GET", address, headers={"Cookie": cookie, "Accept-Language": "en"})
        answer = link.getresponse()
        answer.read()
        link.close()
        assert answer.status == 200, (address, answer.status)
        return (time.perf_counter() - begin) * 1000

    def processor_ms(self) -> float:
        """Processor time of the server's processes so far, in ms; of a database server nothing is counted.

        0 where the system has no /proc to read it from.
        """
        spent = sum(ticks(process) for process in (self.process, *_children(self.process)))
        return spent * 1000 / os.sysconf("SC_CLK_TCK")


def _stat(process: int) -> list[str]:
    """Fields of /proc/PID/stat after the name; none for a process that is gone."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return []


def ticks(process: int) -> int:
    """Processor time of a process so far, in the system's clock ticks; 0 for one that is gone."""
    fields = _stat(process)
    return int(fields[11]) + int(fields[12]) if fields else 0


def _children(process: int) -> list[int]:
    found = (int(entry.name) for entry in Path("/proc").glob("[0-9]*"))
    return [one for one in found if (fields := _stat(one)) and int(fields[1]) == process]


@contextmanager
def served() -> Iterator[Server]:
    """`ballast serve` with two processes on a free port, stopped at the end."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [str(Path(sys.executable).with_name("ballast")), "serve", "--no-worker", "--port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout
        assert "serves at" in process.stdout.readline()
        yield Server(port, process.pid)
    finally:
        process.terminate()
        process.wait(30)
