"""`ballast demo` as a person starts it: in its own process and data folder."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import urllib.request
from contextlib import contextmanager
from http.cookiejar import CookieJar
from urllib.parse import urlencode

import pytest
from django.db import connection

# Only so that there is a database to copy.
pytestmark = pytest.mark.django_db
COMMAND = [sys.executable, "-c", "from ballast.cli import main; main()", "demo"]


def environment(folder):
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("BALLAST_", "DJANGO_"))}
    return kept | {"BALLAST_DATA_DIR": str(folder)}


def demo(folder, *arguments):
    return subprocess.run(
        [*COMMAND, *arguments], env=environment(folder), capture_output=True, text=True, timeout=120, check=False
    )


def test_taken_port_is_said_before_anything_is_loaded(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        refused = demo(tmp_path, "--size", "s", "--port", str(taken.getsockname()[1]))
    assert refused.returncode == 2
    assert "--port" in refused.stderr
    assert not (tmp_path / "ballast.sqlite3").exists()


@contextmanager
def served(folder, *arguments):
    """(address, the password that was printed) of a demo that listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [*COMMAND, "--no-browser", "--port", str(port), *arguments],
        env=environment(folder), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        line = next(line for line in server.stdout if line.startswith("Password"))
        yield f"http://127.0.0.1:{port}", line.split()[-1]
    finally:
        server.send_signal(signal.SIGTERM)
        server.communicate(timeout=60)


class Visitor:
    """A person with cookies, who waits twenty seconds for a page and no longer."""

    def __init__(self, address):
        self.address, self.jar = address, CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.jar))

    def get(self, path):
        return self.opener.open(self.address + path, timeout=20).read().decode()

    def post(self, path, fields):
        token = next(cookie.value for cookie in self.jar if cookie.name == "csrftoken")
        body = urlencode(fields | {"csrfmiddlewaretoken": token}, doseq=True).encode()
        return self.opener.open(self.address + path, body, timeout=20).read().decode()


@pytest.fixture(scope="module")
def started(django_db_setup, tmp_path_factory):
    """A first start in Chinese where an empty database lies: its folder, the printed password, what a person saw."""
    folder = tmp_path_factory.mktemp("demo")
    shutil.copy(connection.settings_dict["NAME"], folder / "ballast.sqlite3")
    with (
        (folder / "ballast.sqlite3").open("rb") as old,
        served(folder, "--size", "s", "--fresh", "--language", "zh") as (address, password),
    ):
        assert os.fstat(old.fileno()).st_nlink == 0, "the database is another file now"
        person = Visitor(address)
        login = person.get("/login/")
        person.post("/login/", {"username": "ministry", "password": password})
        events = re.findall(r'name="event" value="([^"]+)"', person.get("/stops/"))
        assert events
        answer = person.post("/what-if/", {"event": events[:2], "last_day": "2022-04-28"})
    return folder, password, login, answer


def test_first_start_answers_questions_that_need_the_engine(started):
    """The server's processes are not those that loaded: threads of the loading would be missing in them."""
    _folder, _password, login, answer = started
    assert "Sign in" in login
    assert "挽回产值" in answer


def test_second_start_uses_what_is_there_and_prints_one_login_for_each_role(started):
    folder, password, _login, _answer = started
    again = demo(folder, "--load-only")
    assert again.returncode == 0, again.stderr
    assert "The exercise is there" in again.stderr
    assert password in again.stdout
    for name in ("ministry", "province", "city", "analyst", "reporter", "leader", "administrator"):
        assert f"  {name} " in again.stdout


@pytest.mark.parametrize(
    ("asked", "said"),
    [(["--size", "m"], "--fresh"), (["--language", "en"], "an exercise of language zh")],
)
def test_another_size_or_language_needs_fresh(started, asked, said):
    refused = demo(started[0], *asked, "--load-only")
    assert refused.returncode == 2
    assert said in refused.stderr
    assert "--fresh" in refused.stderr
