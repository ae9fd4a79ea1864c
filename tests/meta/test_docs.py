"""The documentation says what the program does."""

from pathlib import Path

import pytest
from docs.build import REFERENCE, pages

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("name", ["case-packs.md", "commands.md", "settings.md", "tables.md"])
def test_generated_pages_are_up_to_date(name):
    assert (REFERENCE / name).read_text(encoding="utf-8") == pages()[name], "run `make docs`"


def test_links_between_pages_lead_somewhere():
    import re

    broken = []
    for page in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text(encoding="utf-8")):
            if "://" not in target and not (page.parent / target).exists():
                broken.append(f"{page.relative_to(ROOT)}: {target}")
    assert broken == []
