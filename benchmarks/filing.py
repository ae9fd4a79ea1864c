"""Many clients file problems at once over the API, with lost answers and retries: none is lost, none comes twice.

    python -m benchmarks.filing [--size s] [--clients 50] [--problems 2000]
    python -m tests.postgresql python -m benchmarks.filing       the same on a PostgreSQL of its own

A real server (`ballast serve`, two processes) answers over the loopback. One in four problems is sent again after its
answer, as by a client whose line broke, and one in ten of these twice at the same moment. The database keeps what was
filed: use a data folder of its own (BALLAST_DATA_DIR) for a second run, or count on from what is there.
"""

import argparse
import http.client
import json
import statistics
import sys
import threading
import time
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from benchmarks.exercise import prepare
from benchmarks.serving import Server, served


def send(server: Server, token: str, key: str, body: dict[str, str]) -> tuple[int, str, float]:
    """Status, number of the case and milliseconds of one request."""
    begin = time.perf_counter()
    link = http.client.HTTPConnection("127.0.0.1", server.port, timeout=120)
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": key, "Content-Type": "application/json"}
    link.request("POST", "/api/v1/cases", json.dumps(body), headers)
    answer = link.getresponse()
    said = answer.read()
    link.close()
    number = json.loads(said)["number"] if answer.status == 201 else said.decode()[:200]
    return answer.status, number, (time.perf_counter() - begin) * 1000


def one_client(
    server: Server, token: str, body: dict[str, str], run: str, numbers: range
) -> list[tuple[int, str, float]]:
    """What a client hears that files the problems of its numbers, some of them again."""
    heard = []
    for number in numbers:
        key, own = f"{run}-{number}", body | {"blocked": f"Problem {number} of {run}"}
        heard.append(send(server, token, key, own))
        if number % 4 == 0:
            twice = 2 if number % 40 == 0 else 1
            with ThreadPoolExecutor(twice) as pool:
                again = [pool.submit(send, server, token, key, own) for _ in range(twice)]
                heard += [one.result() for one in again]
    return heard


def problem() -> tuple[str, dict[str, str]]:
    """A token of the demo's enterprise, and a problem of its first site."""
    from ballast.areas.accounts.models import User
    from ballast.areas.accounts.services import issue_token
    from ballast.areas.registry.selectors import visible_sites

    user = User.objects.get(username="reporter")
    site = visible_sites(user, "file_cases").first()
    return issue_token(user, "benchmark")[1], {
        "kind": "other", "site_id": site.site_id, "product": site.product_id, "place": site.region_id,
        "needed_by": "2022-05-09", "contact": "Duty desk", "text": "It stands since Monday.",
    }  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", choices=["s", "m", "l"], default="s")
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--problems", type=int, default=2000)
    given = parser.parse_args()
    print(prepare(given.size))
    from ballast.areas.audit.selectors import verify
    from ballast.areas.cases.models import Case

    token, body = problem()
    run, before = uuid.uuid4().hex[:8], Case.objects.count()
    shares = [range(first, given.problems, given.clients) for first in range(given.clients)]
    begin = time.perf_counter()
    threading.stack_size(1 << 20)
    with served() as server, ThreadPoolExecutor(given.clients) as pool:
        heard = [
            one for found in pool.map(lambda own: one_client(server, token, body, run, own), shares) for one in found
        ]
    spent = time.perf_counter() - begin
    filed = Case.objects.filter(blocked__endswith=f" of {run}")
    different, told = (
        filed.values("blocked").distinct().count(),
        {number for status, number, _ms in heard if status == 201},
    )
    times = [ms for _status, _number, ms in heard]
    print(f"   {given.clients} clients, {given.problems:,} problems, {len(heard):,} requests in {spent:.1f} s")
    print(f"   answers by status: {dict(Counter(status for status, _number, _ms in heard))}")
    print(f"   median {statistics.median(times):.0f} ms, p95 {statistics.quantiles(times, n=20)[-1]:.0f} ms")
    print(f"   cases: {filed.count():,}, of different problems: {different:,}, told to clients: {len(told):,}")
    whole = bool(verify().whole)
    print(f"   the audit chain is {'whole' if whole else 'broken'}")
    counts = {filed.count(), different, len(told), Case.objects.count() - before}
    right = counts == {given.problems} and whole and all(status == 201 for status, _number, _ms in heard)
    print("   as it should be" if right else f"   WRONG: {[one[:2] for one in heard if one[0] != 201][:5]}")
    return 0 if right else 1


if __name__ == "__main__":
    sys.exit(main())
