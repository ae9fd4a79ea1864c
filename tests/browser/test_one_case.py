"""One case from an enterprise's report through a hand-off, a refusal, a decision, a solution, a dispute to its word."""

import pytest

from ballast.areas.cases.models import Case
from ballast.areas.cases.packs.in_force import PROBLEM, pack_named


class Story:
    """The case before the people who act on it, each in their own page, all in one language."""

    def __init__(self, open_page, language):
        self.language = language
        self.pages = {
            name: open_page(name, language=language) for name in ("reporter", "desk-220000", "province", "ministry")
        }
        self.number = ""

    def report(self):
        """File a problem with the enterprise's form; its receipt number is the case's."""
        page = self.pages["reporter"]
        page.goto("/portal/problems/new/")
        page.select_option("[name=kind]", "energy")
        page.select_option("[name=product]", index=1)
        page.select_option("[name=place]", "220100")
        fields = {
            "blocked": f"Transformer {self.language}",
            "needed_by": "2022-05-06",
            "contact": "Duty desk",
            "text": "Out.",
        }
        for name, text in fields.items():
            page.fill(f"[name={name}]", text)
        page.click("main form[enctype] button[type=submit]")
        self.number = page.url.rstrip("/").rpartition("/")[2]
        return Case.objects.get(number=self.number)

    def act(self, person, move, **fields):
        """Make a move on the case's page with the form that it has there; what the page then says."""
        page = self.open(person)
        page.evaluate("document.querySelectorAll('main details').forEach((one) => { one.open = true })")
        button = f"button[name=move][value={move}]"
        holder = f"main form:has({button}), main form:has(input[name=move][value={move}])"
        for name, value in fields.items():
            field = page.locator(holder).locator(f"[name={name}]")
            (field.select_option if name in {"region", "owner"} else field.fill)(value)
        page.locator(holder).locator("button[type=submit]").last.click()
        return page.locator("main").inner_text()

    def open(self, person):
        page = self.pages[person]
        address = f"/portal/problems/{self.number}/" if person == "reporter" else f"/cases/{self.number}/"
        page.goto(address, wait_until="domcontentloaded")
        return page

    def state(self, person):
        """The state that the person's page shows, as its code."""
        shown = self.open(person).locator(".state").first.inner_text()
        zh = self.language != "en"
        words = {state.label.zh if zh else state.label.en: state.name for state in pack_named(PROBLEM).states}
        return next(code for words, code in words.items() if shown.startswith(words))


@pytest.fixture(autouse=True)
def no_forecast(monkeypatch):
    """Each move asks for a forecast, which this story does not need; here it would run inside the request."""
    monkeypatch.setattr("ballast.areas.chains.jobs._enqueue", lambda: None)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_case_is_followed_until_the_enterprise_says_that_it_is_solved(open_page, language):
    story = Story(open_page, language)
    case = story.report()
    assert case.lead_region_id == "220000"
    assert story.state("reporter") == "filed"
    story.act("desk-220000", "accept")
    story.act("desk-220000", "hand_over", region="310000", text="The cause lies with you.")
    assert story.open("reporter").locator("main").inner_text().count("上海" if language != "en" else "Shanghai") >= 1
    story.act("province", "refuse", text="Not our grid.")
    stuck = story.open("reporter").locator("main").inner_text()
    assert "Not our grid." in stuck
    story.act("ministry", "decide", region="220000", text="The plant's own province leads.")
    assert "Not our grid." not in story.open("reporter").locator("p.overdue").all_inner_texts()
    story.act("desk-220000", "assign", owner="desk-220000")
    story.act("desk-220000", "start")
    story.act("desk-220000", "solve", text="The transformer runs again.")
    assert story.state("reporter") == "solved"
    story.act("reporter", "dispute", text="It failed after an hour.")
    assert "It failed after an hour." in story.open("desk-220000").locator("main").inner_text()
    story.act("desk-220000", "start")
    story.act("desk-220000", "solve", text="A second one was set up.")
    story.act("reporter", "confirm")
    assert story.state("reporter") == story.state("desk-220000") == "confirmed"
    case.refresh_from_db()
    moves = list(case.entries.exclude(move="").exclude(move="clock_due").order_by("pk").values_list("move", flat=True))
    way = ["file", "accept", "hand_over", "refuse", "decide", "assign", "start", "solve", "dispute", "start", "solve"]
    assert moves == [*way, "confirm"]
    assert case.event.withdrawn_at is not None
    desk = story.open("desk-220000").locator("main").inner_text()
    assert all(text in desk for text in ("The cause lies with you.", "Not our grid.", "A second one was set up."))
