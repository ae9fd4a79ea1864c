"""Several people at one case, and many clients that file at once: nobody overwrites anybody, nothing comes twice."""

import json

import pytest
from django.test import Client
from tests.areas.cases.conftest import problem
from tests.together import together

from ballast.areas.accounts import services as accounts
from ballast.areas.audit.models import AuditEntry
from ballast.areas.audit.selectors import verify
from ballast.areas.cases import services
from ballast.areas.cases.models import Case, CaseEntry

CLIENTS, EACH = 8, 5


@pytest.mark.django_db(transaction=True)
def test_of_two_officers_who_move_a_case_at_once_one_wins_and_the_other_hears_who(world):
    case = problem(world)
    people = {"olga": world.olga, "mia": world.mia}

    def accept(name):
        try:
            services.make_move(people[name], case.number, move="accept", seen=1)
        except services.MoveRefusedError as error:
            return " ".join(error.messages)
        return ""

    heard = dict(zip(people, together(accept, list(people)), strict=True))
    loser, winner = sorted(heard, key=heard.get, reverse=True)
    assert not heard[winner]
    assert f"{winner} made the last move at 2022-04-2" in heard[loser]
    assert "Accepted" in heard[loser]
    moves = CaseEntry.objects.filter(case=case, type="move").order_by("pk").values_list("move", "actor_name")
    assert list(moves) == [("file", "rita"), ("accept", winner)]
    assert AuditEntry.objects.filter(action="case.accept").count() == 1


@pytest.mark.django_db(transaction=True)
def test_many_clients_file_with_retries_and_each_problem_becomes_one_case(world):
    token = accounts.issue_token(world.rita, "plant")[1]
    body = {
        "kind": "energy", "site_id": world.plant.site_id, "product": world.plant.product.pk, "place": "310115",
        "needed_by": "2022-05-01", "contact": "Rita", "text": "Since Monday.",
    }  # fmt: skip

    def file(client):
        answers = []
        # One in five is sent twice, as by a client whose line broke.
        for number in (n for n in range(EACH) for _ in range(1 + (n % 5 == 0))):
            headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": f"{client}-{number}"}
            sent = json.dumps(body | {"blocked": f"No power in hall {client}-{number}"})
            answers.append(Client().post("/api/v1/cases", sent, content_type="application/json", headers=headers))
        return [(answer.status_code, answer.json().get("number")) for answer in answers]

    answers = [one for found in together(file, range(CLIENTS)) for one in found]
    assert {status for status, _number in answers} == {201}
    assert Case.objects.count() == len({number for _status, number in answers}) == CLIENTS * EACH
    assert Case.objects.values("blocked").distinct().count() == CLIENTS * EACH
    serials = sorted(int(case.number.rpartition("-")[2]) for case in Case.objects.all())
    assert serials == list(range(1, CLIENTS * EACH + 1))
    assert verify().whole


@pytest.mark.django_db
def test_a_form_that_was_opened_before_another_move_says_so(client, world):
    case = problem(world)
    client.force_login(world.olga, backend="django.contrib.auth.backends.ModelBackend")
    address = f"/cases/{case.number}/"
    assert 'name="seen" value="1"' in client.get(address).text
    services.make_move(world.mia, case.number, move="accept")
    services.add_reply(world.mia, case.number, text="We look into it.")
    fields = {"move": "assign", "owner": "olga", "seen": "1"}
    page = client.post(f"{address}move/", fields, follow=True).text
    assert "has changed since you opened it: mia made the last move at" in page
    assert Case.objects.get().owner is None
    # A word between the two is no move.
    assert 'name="seen" value="2"' in page
    client.post(f"{address}move/", fields | {"seen": "2"})
    assert Case.objects.get().owner == world.olga
    services.make_move(world.olga, case.number, move="start")
    token = make_token(world.olga)
    late = client.post(f"/api/v1/cases/{case.number}/moves", {"move": "solve", "text": "Done", "seen": 3},
                       content_type="application/json", headers=token)  # fmt: skip
    assert late.status_code == 409
    assert "olga made the last move" in late.json()["message"]


def make_token(user):
    """Headers of the person's API client."""
    return {"Authorization": f"Bearer {accounts.issue_token(user, 'test')[1]}"}
