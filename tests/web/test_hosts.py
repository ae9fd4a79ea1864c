"""Names of the server: known ones are served, unknown ones refused with a hint in the log."""

import pytest

from ballast.cli.serving import _unreachable

HINT = "BALLAST_HOSTS"


@pytest.mark.django_db
@pytest.mark.parametrize("host", ["desk.example.org", "10.0.0.7:8000", "a b", "", "desk.example.org\u00e9"])
@pytest.mark.parametrize("path", ["/", "/api/v1/me", "/login/"])
def test_an_unknown_name_gets_a_plain_400_and_the_log_the_setting(client, settings, caplog, host, path):
    settings.ALLOWED_HOSTS = ["localhost"]
    answer = client.get(path, headers={"host": host})
    assert (answer.status_code, answer["Content-Type"]) == (400, "text/plain; charset=utf-8")
    assert HINT not in answer.content.decode()
    assert [HINT in record.getMessage() for record in caplog.records if record.name == "ballast.web"] == [True]


@pytest.mark.django_db
def test_the_refusal_speaks_the_language_of_the_browser(client, settings):
    settings.ALLOWED_HOSTS = ["localhost"]
    answer = client.get("/", headers={"host": "desk.example.org", "accept-language": "zh-hans"})
    assert "服务器" in answer.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("host", ["localhost", "localhost:8000", "127.0.0.1"])
def test_a_known_name_is_served(client, settings, host):
    settings.ALLOWED_HOSTS = ["localhost", "127.0.0.1"]
    assert client.get("/login/", headers={"host": host}).status_code == 200


@pytest.mark.django_db
def test_health_is_told_under_any_name(client, settings):
    settings.ALLOWED_HOSTS = ["localhost"]
    assert client.get("/healthz", headers={"host": "10.0.0.7"}).status_code == 200


@pytest.mark.parametrize(
    ("host", "names", "reminded"),
    [
        ("0.0.0.0", ["localhost", "127.0.0.1", "[::1]"], True),
        ("::", ["localhost"], True),
        ("192.0.2.10", ["localhost"], True),
        ("0.0.0.0", ["localhost", "desk.example.org"], False),
        ("0.0.0.0", ["*"], False),
        ("127.0.0.1", ["localhost"], False),
    ],
)
def test_who_serves_other_machines_is_told_what_to_set(settings, host, names, reminded):
    settings.ALLOWED_HOSTS = names
    assert (HINT in _unreachable(host)) == reminded
