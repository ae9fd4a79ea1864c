"""Every command that the documents show is run as written, in order, by a newcomer's shell."""

import contextlib
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from ballast.cli import main as ballast

ROOT = Path(__file__).resolve().parents[2]
BALLAST = str(Path(sys.executable).with_name("ballast"))
ANALYSES = {"forecast", "exposure", "plan", "restart", "inventory", "dependence", "survive"}
# Commands that stay in the foreground are run by tests/cli.
FOREGROUND = ("ballast serve", "ballast worker", "ballast demo")
PAGES = (
    "README.md",
    "docs/tutorial/first-morning.md",
    "docs/how-to/load-tables.md",
    "docs/how-to/real-data.md",
    "docs/how-to/analyse-dependence.md",
    "docs/how-to/months-of-disruption.md",
    "docs/how-to/scale-out.md",
)
# Data that may not be shipped: commands that read them run where they are at hand.
SHARED = Path(os.environ.get("BALLAST_SHARED_DATA", ROOT.parent / "shared" / "data"))


def commands(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    found = re.findall(r"^ *(?:\$ )?(ballast [a-z].+?)(?: +#.*)?$", text, re.MULTILINE)
    # Sixty days of the world with every cause explained take too long for a test; test_examples.py asks for three.
    slow = "ballast forecast examples/world-2011"
    # tests/cli/test_scaling.py starts a cluster and asks it.
    found = [c for c in found if not c.startswith((*FOREGROUND, slow)) and "--cluster" not in c]
    return [c for c in found if "sources/" not in c or SHARED.exists()]


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    """A folder with the examples and the data of a small exercise; tables to fill in are filled with an example."""
    folder = tmp_path_factory.mktemp("newcomer")
    (folder / "examples").symlink_to(ROOT / "examples")
    (folder / "sources").symlink_to(SHARED)
    environment = {k: v for k, v in os.environ.items() if k not in ("BALLAST_DATABASE_URL", "DJANGO_SETTINGS_MODULE")}
    environment |= {"BALLAST_DATA_DIR": str(folder / "data"), "PYTHONIOENCODING": "utf-8"}
    run = [BALLAST, "demo", "--size", "s", "--load-only"]
    subprocess.run(run, cwd=folder, env=environment, check=True, capture_output=True)
    return folder, environment


def run(line, folder, environment):
    """(exit code, what was printed). Analyses need no database and are asked here: starting takes a second each."""
    words = shlex.split(line)[1:]
    if words[0] in ANALYSES and "--workers" not in words:
        with contextlib.chdir(folder):
            done = CliRunner().invoke(ballast, words, prog_name="ballast")
        return done.exit_code, done.output
    done = subprocess.run([BALLAST, *words], cwd=folder, env=environment, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("page", PAGES)
def test_commands_run_as_written(page, desk):
    found = commands(page)
    assert found
    for line in found:
        code, printed = run(line, *desk)
        assert code == 0, f"{line}\n{printed}"
