"""`ballast demo` as a person starts it: in its own process and data folder."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request

import pytest

COMMAND = [sys.executable, "-c", "from ballast.cli import main; main()", "demo"]


def environment(folder):
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("BALLAST_", "DJANGO_"))}
    return kept | {"BALLAST_DATA_DIR": str(folder)}


def demo(folder, *arguments):
    return subprocess.run(
        [*COMMAND, *arguments], env=environment(folder), capture_output=True, text=True, timeout=120, check=False
    )


@pytest.fixture(scope="module")
def loaded(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    return folder, demo(folder, "--size", "s", "--load-only")


def test_load_only_prints_one_login_for_each_role(loaded):
    _folder, first = loaded
    assert first.returncode == 0, first.stderr
    assert "size s, 300 enterprises" in first.stderr
    for name in ("ministry", "province", "city", "analyst", "reporter", "leader", "administrator"):
        assert f"  {name} " in first.stdout


def test_second_start_uses_what_is_there_and_prints_the_same_password(loaded):
    folder, first = loaded
    again = demo(folder, "--load-only")
    assert again.returncode == 0, again.stderr
    assert "The exercise is there" in again.stderr
    assert again.stdout == first.stdout


def test_another_size_needs_fresh(loaded):
    folder, _first = loaded
    refused = demo(folder, "--size", "m", "--load-only")
    assert refused.returncode == 2
    assert "--fresh" in refused.stderr
    fresh = demo(folder, "--size", "s", "--fresh", "--load-only")
    assert fresh.returncode == 0, fresh.stderr
    assert "Loaded in" in fresh.stderr


def test_another_language_needs_fresh(loaded):
    folder, _first = loaded
    refused = demo(folder, "--language", "zh", "--load-only")
    assert refused.returncode == 2
    assert "--fresh --language zh" in refused.stderr


def test_chinese_exercise_is_loaded_and_kept(tmp_path):
    first = demo(tmp_path, "--size", "s", "--language", "zh", "--load-only")
    assert first.returncode == 0, first.stderr
    again = demo(tmp_path, "--load-only")
    assert again.returncode == 0, again.stderr
    refused = demo(tmp_path, "--language", "en", "--load-only")
    assert refused.returncode == 2
    assert "an exercise of language zh" in refused.stderr


def test_taken_port_is_said_before_anything_is_loaded(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        refused = demo(tmp_path, "--size", "s", "--port", str(taken.getsockname()[1]))
    assert refused.returncode == 2
    assert "--port" in refused.stderr
    assert not (tmp_path / "ballast.sqlite3").exists()


def test_demo_serves_the_login_page(loaded):
    folder, _first = loaded
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [*COMMAND, "--no-browser", "--port", str(port)],
        env=environment(folder), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert page(f"http://127.0.0.1:{port}/login/", server) == 200
    finally:
        server.send_signal(signal.SIGTERM)
        server.communicate(timeout=60)


def page(address, server):
    """Status of the page once it answers."""
    for _ in range(200):
        try:
            with urllib.request.urlopen(address, timeout=10) as answer:
                return answer.status
        except OSError as error:
            if getattr(error, "code", None):
                return error.code
            assert server.poll() is None, server.stderr.read()
            time.sleep(0.2)
    return None
