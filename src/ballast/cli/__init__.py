"""The `ballast` command: one module per command group, loaded only when called."""

import os
from importlib import import_module

import click

from ballast import __version__
from ballast.stack import roomy

__all__ = ["main"]

# Command -> module of ballast.cli that holds it under the same name (with "_" for "-").
COMMANDS: dict[str, str] = {
    "demo": "demo", "init": "server", "serve": "server", "worker": "server", "tick": "server",
    "check": "folders", "load": "folders", "dump": "folders", "template": "folders",
    "bench": "bench", "forecast": "analysis", "exposure": "exposure",
    "dependence": "dependence",
    "plan": "plan", "restart": "restart", "survive": "survive",
    "inventory": "inventory",
    "rules": "rules",
    "brief": "documents", "dispatch": "dispatch", "cap": "cap",
    "cases": "cases", "clocks": "clocks", "modes": "modes", "doctor": "doctor",
    "audit": "records", "outbox": "letters", "user": "people",
}  # fmt: skip


class Lazy(click.Group):
    """A group that imports a command's module only when the command is used, so `--help` stays quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        module = COMMANDS.get(cmd_name)
        return getattr(import_module(f"ballast.cli.{module}"), cmd_name) if module else None

    def invoke(self, ctx: click.Context) -> object:
        """The command with room on the stack: to compile the engine's loops takes a twentieth less so."""
        return roomy(super().invoke)(ctx)


@click.group(cls=Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="ballast")
def main() -> None:
    """Ballast keeps industrial and supply chains running.

    Exit codes: 0 all well, 1 problems found, 2 bad input or usage.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ballast.settings")
