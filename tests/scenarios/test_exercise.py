"""The exercise as tables: the same each time, whole, invented, and with the published totals."""

import re

import polars as pl
import pytest
from stdnum.cn import uscc

from ballast.core.forecast import forecast
from ballast.exercise import DAY0, generate
from ballast.exercise.population import identifier
from ballast.exercise.sources import products, recipes, tiers
from ballast.exercise.words import story_words
from ballast.tables.folder import read_folder, write_folder
from ballast.tables.network import build_from_frames


@pytest.fixture(scope="module")
def small():
    return generate("s")


@pytest.fixture(scope="module")
def medium():
    return generate("m")


def panel(exercise, code):
    return exercise.panels.filter(pl.col("panels").str.split(";").list.contains(code))["enterprise_id"].implode()


def running(exercise, members, day=DAY0):
    rows = exercise.operating.filter(pl.col("enterprise_id").is_in(members) & (pl.col("day") == day))
    return rows.filter(pl.col("operation") != "stopped").height, rows.height


def test_same_seed_gives_the_same_exercise(small):
    assert generate("s").digest == small.digest


def test_another_seed_gives_another_exercise(small):
    assert generate("s", seed=7).digest != small.digest


def test_unknown_size_is_refused():
    with pytest.raises(KeyError):
        generate("xl")


@pytest.mark.parametrize(("size", "enterprises", "links"), [("m", 5_000, 25_000), ("l", 20_000, 100_000)])
def test_published_totals_come_out_of_the_tables(size, enterprises, links):
    exercise = generate(size)
    assert exercise.frames["enterprises"].height == enterprises
    assert exercise.frames["links"].height == links
    shanghai = panel(exercise, "shanghai-666")
    assert running(exercise, shanghai) == (578, 666)
    assert round(578 / 666, 3) == 0.868
    assert running(exercise, shanghai, DAY0.replace(day=22)) == (466, 666)
    assert running(exercise, panel(exercise, "monitored-220000")) == (49, 50)
    listed = exercise.frames["enterprises"].filter("key_list")
    assert listed.height == 1_624
    assert sorted(listed["key_batch"].unique()) == [1, 2, 3, 4]
    assert len(panel(exercise, "vehicle-groups").item()) == 15


def test_panels_lie_in_their_regions(medium):
    region = dict(medium.frames["enterprises"].select("enterprise_id", "region").iter_rows())
    assert {region[e][:2] for e in panel(medium, "shanghai-666").item()} == {"31"}
    assert {region[e][:2] for e in panel(medium, "monitored-220000").item()} == {"22"}


def test_restart_curve_never_falls(medium):
    shanghai = panel(medium, "shanghai-666")
    curve = [running(medium, shanghai, DAY0.replace(day=day))[0] for day in range(16, 29)]
    assert curve == sorted(curve)
    assert curve[0] < 0.3 * 666


def test_small_exercise_is_a_scaled_sample(small):
    done, listed = running(small, panel(small, "shanghai-666"))
    assert (done, listed) == (33, 38)
    assert abs(done / listed - 578 / 666) < 0.01


def test_identifiers_cannot_be_real(medium):
    codes = medium.frames["enterprises"]["identifier"]
    assert codes.n_unique() == codes.len()
    assert codes.str.slice(2, 2).unique().to_list() == ["99"]
    assert not any(uscc.is_valid(code) for code in codes)


def test_only_the_check_character_and_the_division_are_wrong():
    code = identifier(412)
    assert len(code) == 18
    right = [c for c in uscc._alphabet if uscc.calc_check_digit(code[:17]) == c]
    assert right != [code[-1]]


def test_every_name_says_that_it_is_invented(medium):
    enterprises, sites = medium.frames["enterprises"], medium.frames["sites"]
    assert enterprises["name"].str.contains(r"^Exercise [A-Z][A-Za-z -]+ \d{2,4}$").all()
    assert enterprises["name_zh"].str.contains(r"^演练.+\d{2,4}厂?$").all()
    makers = {p.maker for p in products().values()}
    assert {re.sub(r" (\d{4} plant|\d{5} plant|G\d\d-\d)$", "", name) for name in sites["name"]} <= makers


def test_codes_are_real(medium):
    from ballast.areas.reference import loading

    assert set(medium.frames["enterprises"]["region"]) <= {r.code for r in loading.regions()}
    assert set(medium.frames["products"]["industry"]) <= {i.code for i in loading.industries()}
    assert set(medium.frames["products"]["unit"]) <= {u.code for u in loading.units()}


def test_network_has_tiers_single_sources_and_shared_suppliers(medium):
    links, sites = medium.frames["links"], medium.frames["sites"]
    assert links.filter(pl.col("supplier_site") == pl.col("customer_site")).is_empty()
    suppliers = links.group_by("customer_site", "product").len()["len"]
    assert 0.3 < (suppliers == 1).mean() < 0.6
    customers = links.group_by("supplier_site").len()["len"]
    assert customers.max() > 20 * customers.median()
    assert max(tiers()[p] for p in sites["product"]) >= 5


def test_links_carry_no_more_than_is_needed(medium):
    known = medium.frames["links"].group_by("customer_site", "product").agg(pl.col("daily_quantity").sum())
    joined = known.join(
        medium.frames["needs"], left_on=["customer_site", "product"], right_on=["site_id", "product"], how="inner"
    )
    assert joined.height == known.height
    assert (joined["daily_quantity"] <= joined["daily_use"] * (1 + 1e-9)).all()


def test_recipes_have_no_loop():
    assert all(tiers()[line.input] > tiers()[line.product] for line in recipes())


def test_provenance_is_mixed_and_a_fifth_has_not_reported(medium):
    share = dict(medium.frames["links"]["provenance"].value_counts(normalize=True).iter_rows())
    assert {k: round(v, 1) for k, v in share.items()} == {"reported": 0.7, "verified": 0.2, "inferred": 0.1}
    needs = medium.frames["needs"]
    local = needs.with_columns(pl.col("reported_at").dt.convert_time_zone("Asia/Shanghai").dt.date().alias("day"))
    late = local.group_by("site_id").agg(pl.col("day").first()).filter(pl.col("day") < DAY0)
    assert 0.15 < late.height / needs["site_id"].n_unique() < 0.25
    unknown = needs.filter(pl.col("stock").is_null())
    assert 0 < unknown.height < 0.06 * needs.height
    assert unknown["stock_upper"].null_count() == 0


def test_no_report_lies_in_the_future(medium):
    newest = medium.frames["needs"]["reported_at"].max()
    assert newest.isoformat() <= "2022-04-28T00:40:00+00:00"
    assert medium.operating["reported_at"].max() <= newest.replace(hour=0, minute=40, second=0)
    assert all(entry.at.date() <= DAY0 for story in medium.stories for entry in story.entries)


def test_few_needs_are_red_and_most_are_not(medium):
    needs = medium.frames["needs"]
    cover = (needs["stock"] - needs["blocked_stock"]) / needs["daily_use"]
    assert 0.003 < (cover < 3).sum() / needs.height < 0.03
    assert 0.02 < (cover < 7).sum() / needs.height < 0.12


def test_written_folder_has_no_problems(small, tmp_path):
    write_folder(small.frames, tmp_path)
    folder = read_folder(tmp_path)
    assert folder.problems == []
    assert folder.counts["links"] == small.size.links


def test_forecast_finds_stops_from_several_tiers_up(medium, tmp_path):
    write_folder(medium.frames, tmp_path)
    network, events = build_from_frames(read_folder(tmp_path, day0=DAY0).frames, day0=DAY0)
    found = forecast(network, events)
    soon = [i for i, day in enumerate(found.low.stop_day) if 0 < day <= 14]
    assert 20 <= len(soon) <= 60
    paths = [found.explain(i).to_dict() for i in soon]
    assert max(len(p["path"]) for p in paths) >= 4
    assert any(len(p["events"]) > 1 for p in paths)
    assert not found.certain[soon].all()


def test_cases_are_in_every_state_and_tell_their_story(medium):
    states = {story.state for story in medium.stories}
    assert states == {
        "filed", "accepted", "assigned", "solving", "solved", "disputed", "confirmed", "withdrawn",
    }  # fmt: skip
    assert sum(story.is_open for story in medium.stories) == 62
    assert len({story.number for story in medium.stories}) == len(medium.stories)
    for story in medium.stories:
        moves = [e for e in story.entries if e.type == "move" and e.after != e.before]
        assert [e.before for e in moves[1:]] == [e.after for e in moves[:-1]]
        assert moves[-1].after == story.state
        assert [e.at for e in story.entries] == sorted(e.at for e in story.entries)


def test_reporter_has_a_case_in_work_and_one_that_waits_for_its_word(medium):
    own = [s for s in medium.stories if s.enterprise_id == medium.reporter and s.is_open]
    assert {s.state for s in own} == {"solving", "solved"}
    assert {s.place[:4] for s in own} == {"2201"}


def words_of(story):
    return [story.blocked, story.contact, story.text, *(entry.text for entry in story.entries)]


def test_chinese_exercise_differs_in_its_free_texts_only(small):
    chinese = generate("s", language="zh")
    assert all(chinese.frames[name].equals(frame) for name, frame in small.frames.items())
    assert [s.number for s in chinese.stories] == [s.number for s in small.stories]
    for story, other in zip(small.stories, chinese.stories, strict=True):
        assert [bool(text) for text in words_of(story)] == [bool(text) for text in words_of(other)]
        assert [(e.at, e.move, e.after) for e in story.entries] == [(e.at, e.move, e.after) for e in other.entries]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_free_texts_are_in_one_language(language):
    for story in generate("m", language=language).stories:
        for text in filter(None, words_of(story)):
            han = re.findall("[\u3400-\u9fff\uff0c\u3002]", text)
            latin = re.findall("[a-z]{2,}", text)
            assert han if language == "zh" else latin, text
            assert not (latin if language == "zh" else han), text
            assert not re.search(r"[{}]|\bnan\b|\bNone\b|  |\. ?\.", text), text


@pytest.mark.parametrize(
    ("language", "cover", "said"),
    [
        ("en", float("nan"), "valid tests."),
        ("en", 0.6, "Our stock lasts about one day."),
        ("en", 6.7, "Our stock lasts about 7 days."),
        ("zh", float("nan"), "有效期内。"),
        ("zh", 6.7, "库存约可维持7天。"),
    ],
)
def test_text_says_how_long_a_stock_lasts_only_when_it_is_known(language, cover, said):
    site = ("Seating 0412 plant", "座椅0412工厂")
    found = story_words(language, "logistics", site, "seat", "plastic-part", count=5, cover=cover)
    assert found["text"].endswith(said)


def test_size_class_follows_output_value(medium):
    listed, sites = medium.frames["enterprises"], medium.frames["sites"]
    joined = sites.join(listed.select("enterprise_id", "size"), on="enterprise_id")
    vehicles = joined.filter(pl.col("product").is_in(["car", "electric-car", "truck"]))
    assert set(vehicles["size"]) == {"large"}
    chips = joined.filter(pl.col("product").is_in(["processed-wafer", "logic-chip", "memory-chip", "microcontroller"]))
    assert "micro" not in set(chips["size"])
    assert set(joined.filter(pl.col("product") == "processed-wafer")["size"]) <= {"large", "medium"}
    median = dict(joined.group_by("size").agg(pl.col("daily_output_value").median()).iter_rows())
    assert median["large"] > median["medium"] > median["small"] > median["micro"]
