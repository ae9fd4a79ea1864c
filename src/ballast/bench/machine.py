"""The machine that the figures were taken on."""

import os
import platform
import shutil
import subprocess
from pathlib import Path

__all__ = ["commit", "describe"]


def _processor() -> str:
    """Model name as Linux tells it, else what Python knows."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())


def describe() -> str:
    """Cores, processor, memory, Python, and how busy the machine was just before."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    busy = ", ".join(f"{load:.1f}" for load in os.getloadavg())
    return (
        f"{os.cpu_count()} cores ({_processor()}), {memory:.0f} GiB, {platform.system()}, "
        f"Python {platform.python_version()}; load of the last 1, 5, 15 minutes: {busy}"
    )


def commit() -> str:
    """The commit of the checkout that runs, with "+" when files differ from it; "" for an installed package."""
    here = Path(__file__).parent
    git = shutil.which("git")
    if git is None:
        return ""
    command = [git, "-C", str(here), "describe", "--always", "--dirty=+", "--exclude=*"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - fixed words
    return done.stdout.strip()
