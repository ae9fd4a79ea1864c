"""/healthz: whether this process can serve: database reachable, migrations applied."""

from collections.abc import Callable

from django.db import Error as DatabaseError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse

__all__ = ["HealthMiddleware"]

PATH = "/healthz"


class HealthMiddleware:
    """Answers before sessions, sign-in and redirects, so that it speaks also when the database does not."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.migrated = False

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path != PATH:
            return self.get_response(request)
        if request.method not in {"GET", "HEAD"}:
            return JsonResponse({"status": "method not allowed"}, status=405, headers={"Allow": "GET, HEAD"})
        state = self._state()
        answer = JsonResponse(state, status=200 if state["status"] == "ok" else 503)
        answer["Cache-Control"] = "no-store"
        return answer

    def _state(self) -> dict[str, str]:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
            # Read once: what is applied stays applied while this process runs.
            self.migrated = self.migrated or _all_migrated()
        except DatabaseError:
            return {"status": "fault", "database": "unreachable", "migrations": "unknown"}
        if not self.migrated:
            return {"status": "fault", "database": "ok", "migrations": "missing"}
        return {"status": "ok", "database": "ok", "migrations": "applied"}


def _all_migrated() -> bool:
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())
