"""The house rules that a machine can check."""

import ast
import importlib
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

from ballast.cli import COMMANDS, main

ROOT = Path(__file__).resolve().parents[2]
SOURCES = [p for p in (ROOT / "src/ballast").rglob("*.py") if "migrations" not in p.parts]


def _functions(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node, (node.end_lineno or node.lineno) - node.lineno + 1


def test_no_module_is_longer_than_600_lines():
    assert {str(p.relative_to(ROOT)): n for p in SOURCES if (n := len(p.read_text().splitlines())) > 600} == {}


def test_half_of_the_modules_have_at_most_200_lines_and_nine_of_ten_functions_at_most_30():
    modules = sorted(len(p.read_text().splitlines()) for p in SOURCES)
    functions = sorted(size for p in SOURCES for _, size in _functions(p))
    assert modules[len(modules) // 2] <= 200
    assert functions[len(functions) // 2] <= 9
    assert functions[int(len(functions) * 0.9)] <= 30


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_is_there_and_says_what_it_does(name):
    command = main.get_command(click.Context(main), name)
    assert command is not None
    assert command.help


def test_every_command_is_run_by_a_test():
    text = "\n".join(p.read_text() for p in (ROOT / "tests").rglob("test_*.py"))
    assert [name for name in COMMANDS if f'"{name}"' not in text] == []


@pytest.mark.django_db
def test_models_and_migrations_agree(capsys):
    from django.core.management import call_command

    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_every_area_is_an_app_and_all_its_modules_import():
    areas = ROOT / "src/ballast/areas"
    assert [a.name for a in areas.iterdir() if (a / "models.py").exists() and not (a / "apps.py").exists()] == []
    for module in areas.glob("*/*.py"):
        importlib.import_module(".".join(("ballast", *module.relative_to(ROOT / "src/ballast").with_suffix("").parts)))


def test_core_imports_without_django():
    code = (
        "import sys; sys.modules['django'] = None\n"
        "import pkgutil, importlib, ballast.core\n"
        "[importlib.import_module(m.name) for m in pkgutil.walk_packages(ballast.core.__path__, 'ballast.core.')]"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


def test_commands_are_called_as_a_person_calls_them():
    """Click keeps the first help option that it makes: a command called by itself would keep one without -h."""
    called = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"\.invoke\(\s*(\w+)", path.read_text(encoding="utf-8"))
        if name not in {"main", "ballast"}
    }
    assert called == set()
