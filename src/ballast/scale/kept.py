"""Pieces that are kept in a folder as they are done, so that a run that was stopped goes on where it was."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from ballast import __version__
from ballast.core.network import NetworkError
from ballast.core.parallel import Arrays, Executor, Question
from ballast.scale.errors import ScaleError
from ballast.scale.keys import Sealed, key_of, seal_of
from ballast.tables.store import map_arrays, save_arrays

__all__ = ["Kept"]

N = TypeVar("N", bound=Sealed)
_FORM = "ballast-piece"
_ABOUT = "resume.json"


@dataclass(eq=False)
class Kept:
    """Takes from the folder what stands there, has the rest computed, and keeps it before it is handed on.

    ScaleError when the folder holds pieces of another network (by its digest) or program, or a damaged one.
    """

    folder: Path
    executor: Executor
    network: str
    found: int = field(default=0, init=False)  # pieces taken from the folder

    def __post_init__(self) -> None:
        about = {"ballast": __version__, "network": self.network}
        path = self.folder / _ABOUT
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            if not path.exists():
                _written(path, about)
            held = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            msg = f"{path}: cannot be used ({error}). Give another folder to resume from."
            raise ScaleError(msg) from None
        if held != about:
            other = held if isinstance(held, dict) else {}
            msg = (
                f"{self.folder} holds pieces of network {str(other.get('network'))[:12]} by Ballast "
                f"{other.get('ballast')}; this is network {self.network[:12]} and Ballast {__version__}. Give another "
                "folder, or empty this one."
            )
            raise ScaleError(msg)

    def answers(
        self, question: Question[N], network: N, parts: Sequence[tuple[int, int]]
    ) -> Iterator[tuple[int, Arrays]]:
        """Number and answer of each piece: first those that are kept, then the others as they come."""
        key = key_of(question, network)
        folder = self.folder / key[:32]
        missing = []
        for number, part in enumerate(parts):
            path = folder / f"{part[0]}-{part[1]}"
            if path.exists():
                self.found += 1
                yield number, _read(path, key, part)
            else:
                missing.append(number)
        for place, answer in self.executor.answers(question, network, [parts[number] for number in missing]):
            number = missing[place]
            _keep(folder / f"{parts[number][0]}-{parts[number][1]}", key, parts[number], answer)
            yield number, answer


def _keep(path: Path, key: str, part: tuple[int, int], answer: Arrays) -> None:
    arrays = {f"{place:03d}": values for place, values in enumerate(answer)}
    try:
        path.parent.mkdir(exist_ok=True)
        save_arrays(path, arrays, form=_FORM, digest=seal_of(key, *part, answer))
    except OSError as error:
        msg = f"{path}: cannot be written ({error.strerror}). Make room, or give another folder to resume from."
        raise ScaleError(msg) from error


def _read(path: Path, key: str, part: tuple[int, int]) -> Arrays:
    try:
        digest, arrays = map_arrays(path, form=_FORM)
        answer = tuple(arrays[name] for name in sorted(arrays))
    except (OSError, NetworkError):
        digest, answer = "", ()
    if not answer or seal_of(key, *part, answer) != digest:
        msg = f"{path}: is damaged, or is no piece of this question. Remove the file and run again."
        raise ScaleError(msg)
    return answer


def _written(path: Path, about: dict[str, str]) -> None:
    """Complete or not at all, whenever the run is stopped."""
    made = path.with_suffix(".tmp")
    made.write_text(json.dumps(about) + "\n", encoding="utf-8")
    made.replace(path)
