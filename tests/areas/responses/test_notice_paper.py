"""The alert notice states all that such a notice has to, in both languages, for what its reader may know."""

import io
import re

import pytest
from docx import Document
from tests import factories as make

from ballast.areas.chains.services import run_forecast
from ballast.areas.registry.services import end_event
from ballast.areas.responses.models import Warned
from ballast.areas.responses.warnings.deciding import confirm

pytestmark = pytest.mark.django_db
PLANTS = 23


def _text(page):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.content.decode()))


def test_the_notice_states_class_level_start_area_basis_effect_advice_validity_and_issuer(undone, client):
    fire = make.event("S-mine", event_id="FIRE", name="Fire at the mine")
    run = run_forecast()
    warning = Warned.objects.get()
    address = f"/warnings/{warning.pk}"
    client.force_login(undone.mia)
    text = _text(client.get(f"{address}.html?lang=en"))
    for said in (
        "Alert W-", "Class: supply stop. Level: red. Since 2022-04-28", "Area: Jilin , Shanghai",
        "Cause: Fire at the mine", "Previous level: none", "plants that stop 25", "Advice: check the stocks",
        f"rule parts-cover 2026.1 , network {run.network_hash[:12]} , horizon 30 days",
        "Valid until the cause is over, at the latest until 2022-05-28", "Example authority",
        "To the desks of Jilin , Shanghai", "Draft: the warning is not confirmed", "Exercise:", "Plant 007",
    ):  # fmt: skip
        assert said.replace(" ,", ",") in text.replace(" ,", ",").replace(" .", "."), said
    chinese = _text(client.get(f"{address}.html?lang=zh-hans"))
    assert "预警通知" in chinese
    assert "示例主管部门" in chinese
    assert "Valid until" not in chinese
    assert client.get(f"{address}.pdf").content.startswith(b"%PDF")
    words = Document(io.BytesIO(client.get(f"{address}.docx").content))
    assert any("Fire at the mine" in one.text for one in words.paragraphs)
    confirm(undone.olga, warning.pk, text="We call the plants.")
    client.force_login(undone.olga)
    own = _text(client.get(f"{address}.html"))
    assert "plants that stop 13" in own
    assert "Fire at the mine" not in own
    assert "Draft" not in own
    assert "Decision: We call the plants." in own
    end_event(fire, acting_user="test", withdraw=True)
    run_forecast()
    make.event("S-mine", event_id="FIRE2")
    client.force_login(make.user("province_officer", region="440000"))
    for form in ("html", "pdf", "docx"):
        assert client.get(f"{address}.{form}").status_code == 404
