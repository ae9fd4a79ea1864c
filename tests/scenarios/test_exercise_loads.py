"""Loads of the exercise: in Chinese, and one that breaks leaves nothing."""

import pytest
from tests.conftest import EXERCISE_PASSWORD as PASSWORD

from ballast.areas.accounts.models import User
from ballast.areas.cases.models import Case, CaseEntry
from ballast.areas.registry.models import Enterprise
from ballast.exercise import load

pytestmark = pytest.mark.django_db


def test_a_stop_in_the_middle_leaves_nothing(monkeypatch):
    def broken(*_args, **_kwargs):
        raise RuntimeError

    monkeypatch.setattr(load, "load_cases", broken)
    with pytest.raises(RuntimeError):
        load.install("s", password=PASSWORD)
    assert not Enterprise.objects.exists()
    assert load.installed() is None


def test_people_of_a_chinese_exercise_have_chinese_names_and_pages():
    load.install("s", password=PASSWORD, language="zh")
    ministry = User.objects.get(username="ministry")
    assert (ministry.get_full_name(), ministry.language) == ("部值班员", "zh-hans")
    assert User.objects.get(username="province").get_full_name() == "上海市值班员"
    assert set(User.objects.values_list("language", flat=True)) == {"zh-hans"}
    assert not [name for name in CaseEntry.objects.values_list("actor_name", flat=True) if name.isascii()]
    assert not [text for text in Case.objects.values_list("text", flat=True) if text.isascii()]
