"""The reference of the format of case packs, made from its description in the code."""

import tomllib
import types
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from ballast.areas.cases.packs.model import (
    Choice,
    ClockRule,
    FormField,
    Item,
    LocalState,
    LongWords,
    Move,
    Pack,
    PackDocument,
    PackKind,
    Routing,
    Words,
)
from ballast.areas.cases.packs.outcomes import OUTCOMES

__all__ = ["reference"]

_TABLES: tuple[tuple[str, type[BaseModel]], ...] = (
    ("The pack itself", Pack), ("`[routing]`", Routing), ("`[[kinds]]`", PackKind), ("`[[states]]`", LocalState),
    ("`[[moves]]`", Move), ("`[[clocks]]`", ClockRule), ("`[[form]]`", FormField), ("`choices` of a field", Choice),
    ("`[[checklist]]`", Item), ("`[[documents]]`", PackDocument),
    ("A longer text in both languages", LongWords), ("A text in both languages", Words),
)  # fmt: skip


def reference() -> str:
    """The page in Markdown, without its head."""
    lines = [
        "# Case packs",
        "",
        "One file in TOML and UTF-8 is one pack; [how to write one](../how-to/own-case-pack.md).",
    ]
    for title, table in _TABLES:
        said = " ".join((table.__doc__ or "").split())
        lines += ["", f"## {title}", "", said, "", "| key | value | needed | meaning |", "|---|---|---|---|"]
        lines += [_row(name, field) for name, field in table.model_fields.items()]
    lines += ["", *_documents()]
    return "\n".join([*lines, "", "## Outcomes", "", ", ".join(f"`{code}`" for code in OUTCOMES) + "."]) + "\n"


def _documents() -> Iterator[str]:
    """The documents of the shipped packs."""
    yield from ("## Documents of the shipped packs", "", "| pack | document | title | reader | states |")
    yield "|---|---|---|---|---|"
    for file in sorted(Path(__file__).parent.glob("*.toml")):
        pack = Pack.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
        for one in pack.documents:
            states = ", ".join(f"`{state.name}`" for state in pack.states if state.name in one.sources)
            title = f"{one.title.en} / {one.title.zh}"
            yield f"| {pack.name} | `{one.name}` | {title} | `{one.reader}` | {states} |"


def _row(name: str, field: FieldInfo) -> str:
    said = field.description or "See below." if _inner(field.annotation) is not None else field.description or ""
    return f"| `{field.alias or name}` | {_kind(field.annotation)} | {'yes' if field.is_required() else ''} | {said} |"


def _inner(kind: Any) -> type[BaseModel] | None:  # noqa: ANN401 - an annotation
    """The table that a field holds, or None."""
    parts = (kind, *get_args(kind))
    return next((part for part in parts if isinstance(part, type) and issubclass(part, BaseModel)), None)


def _kind(kind: Any) -> str:  # noqa: ANN401 - an annotation
    """What a value looks like, in a few words."""
    if _inner(kind) in (Words, LongWords):
        return "text in both languages"
    words = list(dict.fromkeys(_words(kind)))
    return ", ".join(words) or "text"


def _words(kind: Any) -> Iterator[str]:  # noqa: ANN401 - an annotation
    if get_origin(kind) is Literal:
        yield from (f"`{value}`" for value in get_args(kind) if value)
    elif isinstance(kind, type) and issubclass(kind, StrEnum):
        yield from (f"`{value}`" for value in kind)
    elif _inner(kind) is not None:
        yield "table"
    elif get_origin(kind) in (tuple, frozenset):
        inner = ", ".join(dict.fromkeys(word for part in get_args(kind)[:1] for word in _words(part)))
        yield f"list of {inner or 'texts'}"
    elif get_origin(kind) is types.UnionType:
        yield from (word for part in get_args(kind) if part is not type(None) for word in _words(part))
    else:
        names = {bool: "true or false", int: "whole number"}
        yield names.get(kind, {"date": "date", "time": "time"}.get(getattr(kind, "__name__", ""), "text"))
