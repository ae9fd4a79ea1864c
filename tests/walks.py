"""Seeds of random walks: what a walk checks is Python, so PostgreSQL, which answers the same, is asked for a third."""

from django.conf import settings


def walks(count: int) -> range:
    """Seeds for so many walks on SQLite."""
    on_sqlite = settings.DATABASES["default"]["ENGINE"].endswith("sqlite3")
    return range(count if on_sqlite else -(-count // 3))
