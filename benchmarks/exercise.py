"""The database that benchmarks measure: an exercise, loaded once into a folder of its own."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

__all__ = ["ballast", "prepare"]


def ballast(*arguments: str, **options: object) -> "subprocess.CompletedProcess[str]":
    """Run the command as a person would; CalledProcessError when it fails."""
    command = [str(Path(sys.executable).with_name("ballast")), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True, **options)  # type: ignore[call-overload]


def prepare(size: str) -> str:
    """See that there is an exercise of that size, start Django on it, and say where it lies.

    The data folder is BALLAST_DATA_DIR, else one in the system's folder for temporary files that a second run
    finds again. With BALLAST_DATABASE_URL the database is that one.
    """
    folder = os.environ.setdefault("BALLAST_DATA_DIR", str(Path(tempfile.gettempdir()) / f"ballast-bench-{size}"))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ballast.settings")
    loaded = ballast("demo", "--size", size, "--load-only").stderr
    import django

    django.setup()
    from django.db import connection, connections

    kind = connection.vendor
    connections.close_all()
    return f"{kind}, {folder}: {loaded.strip().splitlines()[-1]}"
