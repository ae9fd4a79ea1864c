"""Indicator packs: limits on measures of dependence, as data with their source and date (data/packs/*.toml)."""

import datetime as dt
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

from ballast.core.columns import NetworkError
from ballast.core.dependence import Bounds, Verdict, verdict

__all__ = ["MEASURES", "Pack", "Test", "pack", "packs", "read_pack"]

MEASURES = (
    "hhi", "largest_share", "foreign_through",
    "import_hhi", "export_hhi", "imports_to_exports", "foreign_share", "largest_foreign_share", "outside_share",
)  # fmt: skip


@dataclass(frozen=True)
class Test:
    """One limit: the test holds where the measure is above it, or at it too if `reached`."""

    __test__ = False  # no test case, whatever pytest makes of the name

    name: str
    name_zh: str
    measure: str
    limit: float
    reached: bool

    def on(self, bounds: Bounds) -> Verdict:
        """The verdict on a measure within its bounds."""
        return verdict(bounds, self.limit, reached=self.reached)


@dataclass(frozen=True)
class Pack:
    """Tests that belong together; `together` when a product is dependent only if all of them hold."""

    code: str
    name: str
    name_zh: str
    source: str
    effective: dt.date
    note: str
    together: bool
    at_least: int  # of so many years in a row ...
    of: int  # ... out of so many
    tests: tuple[Test, ...]


@cache
def packs() -> dict[str, Pack]:
    """Every pack that is shipped, by its code: the name of its file."""
    folder = resources.files("ballast.tables").joinpath("data/packs")
    names = sorted(path.name for path in folder.iterdir() if path.name.endswith(".toml"))
    return {
        name.removesuffix(".toml"): pack(name.removesuffix(".toml"), folder.joinpath(name).read_text(encoding="utf-8"))
        for name in names
    }


def read_pack(path: Path) -> Pack:
    """A pack of one's own. NetworkError when the file is not there or is no pack."""
    try:
        return pack(path.stem, path.read_text(encoding="utf-8"))
    except OSError as error:
        msg = f"{path}: {error.strerror}. Name the TOML file of a pack."
        raise NetworkError(msg) from None


def pack(code: str, text: str) -> Pack:
    """A pack from its TOML. NetworkError names what it lacks or what is not known."""
    try:
        raw = tomllib.loads(text)
        years = raw.get("years", {"at_least": 1, "of": 1})
        return Pack(
            code=code,
            name=raw["name"],
            name_zh=raw["name_zh"],
            source=raw["source"],
            effective=raw["effective"],
            note=raw.get("note", ""),
            together=raw.get("combine", "all") == "all",
            at_least=int(years["at_least"]),
            of=int(years["of"]),
            tests=tuple(_test(code, row) for row in raw["test"]),
        )
    except (KeyError, tomllib.TOMLDecodeError) as error:
        msg = f"pack {code}: {error} is missing or cannot be read. Compare it with the packs that are shipped."
        raise NetworkError(msg) from None


def _test(code: str, row: dict[str, object]) -> Test:
    if row["measure"] not in MEASURES:
        msg = f"pack {code}: {row['measure']!r} is no measure. Use one of {', '.join(MEASURES)}."
        raise NetworkError(msg)
    reached = "at_least" in row
    limit = float(str(row["at_least"] if reached else row["above"]))
    return Test(str(row["name"]), str(row["name_zh"]), str(row["measure"]), limit, reached)
