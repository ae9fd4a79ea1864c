"""How a command ends when the operator must do something first."""

import click

__all__ = ["StopError"]


class StopError(click.ClickException):
    """A message for the operator, without a traceback; the command ends with 2."""

    exit_code = 2
