"""One write sent several times at the same moment with one idempotency key: one effect, one answer for all."""

import json

import pytest
from django.test import Client
from tests import factories as make
from tests.together import together

from ballast.areas.accounts import services
from ballast.areas.accounts.models import ApiToken
from ballast.areas.audit.models import AuditEntry
from ballast.areas.audit.selectors import verify
from ballast.areas.cases.models import Case, CaseEntry
from ballast.areas.cases.services import file_case

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(user, path, bodies, *, key="k1"):
    """The answers to the bodies, all sent with one key."""
    token = services.issue_token(user, "parallel")[1]
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": key}

    def send(body):
        return Client().post(f"/api/v1{path}", json.dumps(body), content_type="application/json", headers=headers)

    return together(send, bodies)


@pytest.fixture
def plant():
    make.authority()
    district = make.region("310115", make.region("310000", make.region("CN", level="nation")))
    return make.site("car-07", of=make.enterprise("car", region=district))


@pytest.mark.parametrize("count", [2, 5])
def test_a_token_is_made_once_and_all_get_it(count):
    answers = at_once(make.user(), "/tokens", [{"name": "one"}] * count)
    assert [answer.status_code for answer in answers] == [201] * count
    assert len({answer.content for answer in answers}) == 1
    assert sum("Idempotency-Replayed" in answer for answer in answers) == count - 1
    assert ApiToken.objects.filter(name="one").count() == 1


def test_a_case_is_filed_once_and_all_get_its_number(plant):
    body = {
        "kind": "energy", "site_id": "car-07", "product": plant.product.pk, "blocked": "No power at night",
        "place": "310115", "needed_by": "2022-05-01", "contact": "Rita", "text": "Since Monday.",
    }  # fmt: skip
    answers = at_once(make.user("reporter", enterprise="car"), "/cases", [body] * 3)
    assert [answer.status_code for answer in answers] == [201] * 3
    assert {answer.json()["number"] for answer in answers} == {Case.objects.get().number}
    assert AuditEntry.objects.filter(action="case.filed").count() == 1
    assert verify().whole


def test_a_form_that_is_sent_twice_files_one_case(plant):
    reporter = make.user("reporter", enterprise="car")
    fields = {
        "kind": "energy", "site": plant, "product": plant.product, "place": plant.region, "blocked": "No power",
        "needed_by": make.TODAY, "contact": "Rita", "text": "Since Monday.", "client_token": "form-1",
    }  # fmt: skip
    filed = together(lambda _: file_case(reporter, **fields), range(3))
    assert {case.pk for case in filed} == {Case.objects.get().pk}
    assert CaseEntry.objects.count() == 1


def test_an_event_is_recorded_once(plant):
    body = {"event_id": "EV-1", "kind": "site", "subject": "car-07", "start": "2022-04-28"}
    answers = at_once(make.user(), "/events", [body] * 3)
    assert {(answer.status_code, answer.content) for answer in answers} == {(201, answers[0].content)}
    assert AuditEntry.objects.filter(subject_id="EV-1").count() == 1


def test_of_two_bodies_with_one_key_one_is_done_and_the_other_refused():
    answers = at_once(make.user(), "/tokens", [{"name": "one"}, {"name": "two"}])
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    assert ApiToken.objects.filter(name__in=["one", "two"]).count() == 1


def test_different_keys_do_not_hinder_each_other():
    user = make.user()
    first = at_once(user, "/tokens", [{"name": "one"}] * 2, key="k1")
    second = at_once(user, "/tokens", [{"name": "one"}] * 2, key="k2")
    assert len({answer.content for answer in [*first, *second]}) == 2
    assert ApiToken.objects.filter(name="one").count() == 2
