"""docs/reference/tables.md and results.md, made from the schemas: `python -m ballast.tables.docs [FILE]`."""

import sys
from pathlib import Path

from ballast.tables.results import result_tables
from ballast.tables.schema import QUESTIONS, Table, table, tables, units
from ballast.tables.templates import say_type

__all__ = ["page", "results_page"]

_HEAD = """# Tables

<!-- Made from src/ballast/tables/schemas by `python -m ballast.tables.docs`; do not edit. -->

A table folder holds one file a table, `TABLE.csv`, `TABLE.xlsx` or `TABLE.parquet`. Only the tables that a
command needs have to be there. `ballast check DIR` says all that is wrong, `ballast template TABLE --out DIR`
makes empty tables to fill in.

- **CSV**: UTF-8 with or without byte order mark, or GB18030; comma, semicolon or tab; the first row names the columns.
- **XLSX**: the sheet named as the table, else the first; the header row is found among the first 20 rows; no merged
  cells and no formula errors.
- **Numbers** have a point before the decimals and no thousands separators; full-width digits are read.
  **Unknown is an empty cell, not 0.**
- **Times** without an offset are UTC. **Days** are dates, or whole days from the analysis date (`--date`).
- All quantities of one product are in one unit.
- Without a `products` table, the products are those that sites make or need.
- A file must be smaller than 200 MB; a workbook may unpack to 500 MB.
"""

_ASKED = """
---

Tables that come with a question stand in no folder; the command is told their file (`ballast plan --interventions`).
"""

_RESULTS_HEAD = """# Result tables

<!-- Made from src/ballast/tables/results by `make docs`; do not edit. -->

An analysis command writes these with `--out DIR`, as CSV or Parquet (`--format`), and prints them with `--json`. Beside
them stands `run.json`: digests of tables and network, parameters, what was unknown, warnings where a stated rule
had to fill a gap, and the seconds of each step. Days
are whole days from the analysis date. An empty cell is unknown or never, not 0."""


def _section(schema: Table) -> str:
    lines = [
        f"\n## {schema.name}\n",
        f"One row is found again by {', '.join(f'`{k}`' for k in schema.key)}.\n",
        "| column | type | unit | required | default | meaning | 含义 |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for c in schema.columns:
        said = say_type(c).replace("|", "or")
        required = "yes" if c.required else ""
        default = f"`{c.default}`" if c.default else ""
        lines.append(
            f"| `{c.name}` | {said} | {c.unit} | {required} | {default} | {c.description_en} | {c.description_zh} |"
        )
    return "\n".join(lines) + "\n"


def page() -> str:
    """The reference page of all tables and units, as Markdown."""
    listed = "\n".join(f"| `{code}` | {name} | {name_zh} |" for code, (name, name_zh) in units().items())
    head = "\n## Units\n\nUnits of your own are declared in the products table.\n\n"
    tail = f"{head}| code | name | 名称 |\n| --- | --- | --- |\n{listed}\n"
    asked = _ASKED + "".join(_section(table(name)) for name in QUESTIONS)
    return _HEAD + "".join(_section(schema) for schema in tables().values()) + asked + tail


def results_page() -> str:
    """The reference page of the tables that analysis commands write, as Markdown."""
    lines = [_RESULTS_HEAD]
    for schema in result_tables().values():
        lines += [
            f"\n## {schema.name}\n",
            "| column | type | unit | meaning | 含义 |",
            "| --- | --- | --- | --- | --- |",
        ]
        for c in schema.columns:
            said = say_type(c).replace("|", "or")
            lines.append(f"| `{c.name}` | {said} | {c.unit} | {c.description_en} | {c.description_zh} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    target = Path(sys.argv[1] if len(sys.argv) > 1 else "docs/reference/tables.md")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(page(), encoding="utf-8")
