"""The desk's clock stands at three in the afternoon of 2022-04-28, so that no test runs over midnight."""

import datetime as dt

import pytest

_INSTANT = dt.datetime(2026, 1, 5, 7, 0, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    """A function that sets the instant; the exercise keeps its date and takes the time of day from it."""

    def put(instant):
        monkeypatch.setattr("django.utils.timezone.now", lambda: instant)

    put(_INSTANT)
    return put
