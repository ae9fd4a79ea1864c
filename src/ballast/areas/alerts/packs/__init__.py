"""The rule packs and rule tests that are shipped as files beside this one, and packs of an authority's own."""

import functools
from pathlib import Path

from ballast.core.warning import Fault, FaultyFileError, RulePack, Scheme, read_rules, read_schemes
from ballast.core.warning.sequences import Sequences, read_sequences

__all__ = [
    "PACKS",
    "SEQUENCES",
    "read_pack_file",
    "read_pack_text",
    "read_test_file",
    "schemes",
    "shipped_packs",
    "shipped_tests",
]

PACKS = Path(__file__).parent
SEQUENCES = PACKS / "sequences"
_SCHEMES = PACKS / "schemes.toml"


@functools.cache
def schemes() -> dict[str, Scheme]:
    """The level schemes that every pack may use, by name."""
    return read_schemes(_text(_SCHEMES), _SCHEMES.name)


def shipped_packs() -> list[Path]:
    """The files of the packs that are shipped, by name."""
    return sorted(path for path in PACKS.glob("*.toml") if path != _SCHEMES)


def shipped_tests() -> list[Path]:
    """The files of the rule tests that are shipped, by name."""
    return sorted(SEQUENCES.glob("*_test.toml"))


def read_pack_file(path: Path) -> RulePack:
    """The rule pack of a file. Raises FaultyFileError with every fault, and OSError when it cannot be read."""
    return read_pack_text(_text(path), str(path))


def read_pack_text(text: str, name: str) -> RulePack:
    """The rule pack of a text; `name` stands for it in messages. Raises FaultyFileError with every fault."""
    return read_rules(text, name, schemes())


def read_test_file(path: Path) -> Sequences:
    """The rule tests of a file; packs that it names are found from its folder. Errors as for a pack."""
    return read_sequences(_text(path), str(path), lambda name: read_pack_file(path.parent / name))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        fault = Fault(line, "", "", f"is not in UTF-8: {error.reason}. Save the file as UTF-8.")
        raise FaultyFileError(str(path), [fault]) from None
