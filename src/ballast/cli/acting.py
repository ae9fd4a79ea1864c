"""In whose name a command writes: the person's rights hold, and what is refused is said with the way out."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from ballast.cli.errors import StopError

if TYPE_CHECKING:
    from ballast.areas.accounts.models import User

__all__ = ["PERSON", "acting", "named", "refusals"]

PERSON = click.option(
    "--as", "username", metavar="NAME", envvar="BALLAST_USER", required=True,
    help="Person in whose name this is done: their rights hold, story and audit name them. Or BALLAST_USER.",
)  # fmt: skip


def acting(username: str) -> "User":
    """The person, once the database is ready. StopError for a name that may not sign in."""
    import django

    django.setup()
    from ballast.cli.server import require_ready

    require_ready()
    return named(username)


def named(username: str) -> "User":
    """The active person of a user name. StopError where there is none."""
    from ballast.areas.accounts.models import User

    found = User.objects.filter(username=username, is_active=True).first()
    if found is None:
        message = f"There is no person {username!r} who may sign in. `ballast user list` shows all."
        raise StopError(message)
    return found


@contextmanager
def refusals(user: "User", absent: str) -> Iterator[None]:
    """What rights and rules refuse, as a message with the way out; `absent` is said of what the person may not see."""
    from django.core.exceptions import ObjectDoesNotExist, ValidationError

    from ballast.areas.accounts.access import NotAllowedError

    try:
        yield
    except NotAllowedError as error:
        # Before what is absent: a page says the same of both.
        message = f"{user.get_username()} has no right for this. `ballast user grant` gives one."
        raise StopError(message) from error
    except ObjectDoesNotExist as error:
        raise StopError(absent) from error
    except ValidationError as error:
        raise StopError("\n".join(error.messages)) from error
