"""How a desk with 54,000 cases of four months works: lists, one case, board, measures, search, files, and the jobs.

    python -m benchmarks.cases [--size l] [--cases 54000] [--requests 40] [--user ministry] [--only PART ...]
    python -m tests.postgresql python -m benchmarks.cases      the same on a PostgreSQL of its own

The database is the exercise of that size, filled up with drawn cases and their stories. A real server answers the
pages (see benchmarks.pages); jobs run inside this process, and what they write is taken back. Each line has its own
goal. Search asks for words of both languages, of two Chinese characters, of descriptions, and for words that nothing
holds. `worker` reports stocks and waits until a worker beside this process has put the cases in their new order.
"""

import argparse
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from benchmarks.exercise import prepare
from benchmarks.pages import report as report_stock
from benchmarks.pages import sign_in
from benchmarks.serving import Server, served

LIST_MS, SEARCH_MS, MEASURES_MS, CSV_MS, XLSX_MS = 150, 300, 1_000, 5_000, 15_000
RERANK_MS, SHEET_MS, FORECAST_MS = 1_000, 10_000, 10_000
RANKED = {"1,000 open cases": 1000, "all open cases": None}
WORDS = ("plant", "闭环管理", "SH-202203", "电机", "检查点", "集团01", "Lorries with", "zzzz nothing", "龘龘")
PARTS = ("pages", "search", "jobs", "worker")


def addresses():
    """Pages by address, each with its goal in ms."""
    from ballast.areas.cases.models import Case
    from ballast.areas.dispatch.models import Sheet

    longest = Case.objects.filter(state="solving").order_by("filed_at").values_list("number", flat=True).first()
    lists = (
        "/", "/cases/", "/cases/?overdue=1", "/cases/?state=confirmed", "/cases/?state=all&sort=enterprise",
        "/cases/?state=all&region=310000", "/cases/?kind=logistics&sort=due", f"/cases/{longest}/", "/cases/board/",
        "/wall/", "/events/", "/problem-counts/", "/api/v1/cases?limit=100",
    )  # fmt: skip
    sheet = Sheet.objects.order_by("-day").values_list("day", flat=True).first()
    lists += (f"/dispatch/{sheet}/",) if sheet else ()
    measures = ("/cases/measures/", "/cases/measures/?view=desk", "/cases/measures/?view=province&month=2022-04")
    ledger = "/dispatch/ledger/?state=all&format="
    files = {"/cases/?format=csv": CSV_MS, f"{ledger}csv": CSV_MS, f"{ledger}xlsx": XLSX_MS}
    return dict.fromkeys(lists, LIST_MS) | dict.fromkeys(measures, MEASURES_MS) | files


def report(name: str, times: list[float], goal: float) -> bool:
    """Print one line; whether 95 of 100 stayed within the goal."""
    p95 = statistics.quantiles(times, n=20)[-1] if len(times) >= 20 else max(times)
    within = p95 <= goal
    verdict = "" if within else "  above"
    print(f"   {name:48}{statistics.median(times):9.1f}{p95:9.1f}{max(times):9.1f}{goal:9,.0f}{verdict}", flush=True)
    return within


def ask(server: Server, cookie: str, address: str, requests: int) -> list[float]:
    """Times of so many requests, after three that warm the server's processes up; a file is asked for three times."""
    if "format=" in address:
        return [server.ask(address, cookie) for _ in range(3)]
    for _ in range(3):
        server.ask(address, cookie)
    return [server.ask(address, cookie) for _ in range(requests)]


def pages(user: str, requests: int) -> list[bool]:
    """Every page and list."""
    _client, cookie = sign_in(user)
    with served() as server:
        return [report(page, ask(server, cookie, page, requests), goal) for page, goal in addresses().items()]


def search(user: str, requests: int) -> list[bool]:
    """The search page with each of the words."""
    _client, cookie = sign_in(user)
    with served() as server:
        return [
            report(f"search {word}", ask(server, cookie, f"/search/?q={quote(word)}", requests), SEARCH_MS)
            for word in WORDS
        ]


def timed(work: Callable[[], object]) -> float:
    """Milliseconds of one call, in a transaction that is taken back."""
    from django.db import transaction

    with transaction.atomic():
        begin = time.perf_counter()
        work()
        spent = (time.perf_counter() - begin) * 1000
        transaction.set_rollback(True)
    return spent


def jobs(_user: str, _requests: int) -> list[bool]:
    """What runs beside the pages: a sheet of 2,000 rows, and the order of the open cases after a stock report."""
    within = [report("a sheet of 2,000 problems", [timed(file_a_sheet) for _ in range(3)], SHEET_MS)]
    within += [report(f"{name} ranked anew", reranked(most, 6)[1:], RERANK_MS) for name, most in RANKED.items()]
    return within


def reranked(most: int | None, times: int) -> list[float]:
    """Milliseconds of ranking the open cases anew, `most` of them, each time after one stock changed; taken back."""
    from django.db import transaction

    from ballast.areas.cases.models import Case
    from ballast.areas.cases.selectors import open_cases_by_event
    from ballast.areas.chains.ranking import rank_open_cases
    from ballast.areas.chains.selectors import current_run
    from ballast.areas.registry.models import Need

    held = current_run().sites.filter(stop_day__isnull=False).values("site")
    with transaction.atomic():
        if most is not None:
            others = [case for cases in list(open_cases_by_event().values())[most:] for case in cases]
            Case.objects.filter(number__in=others).update(event=None)
        needs = list(Need.objects.filter(site__in=held, stock__isnull=False).order_by("pk")[:times])
        found = []
        for need in needs:
            Need.objects.filter(pk=need.pk).update(stock=need.stock + 3 * need.daily_use)
            found.append(timed(rank_open_cases))
        transaction.set_rollback(True)
    return found


def worker(_user: str, _requests: int) -> list[bool]:
    """From a stock report to an idle worker until the cases are ranked, and until the whole forecast is there."""
    from ballast.areas.chains import jobs as chains

    command = [str(Path(sys.executable).with_name("ballast")), "worker"]
    beside = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        ranked, done = [], []
        for number in range(7):
            begin = time.perf_counter()
            report_stock()
            first = waited(begin, chains.rank_cases)
            whole = waited(begin, chains.refresh_forecast)
            waited(begin)
            # The first report finds a worker that has read nothing yet.
            if number:
                ranked.append(first)
                done.append(whole)
    finally:
        beside.terminate()
        beside.wait(30)
    return [
        report("from a stock report to the new order", ranked, RERANK_MS),
        report("from a stock report to the whole forecast", done, FORECAST_MS),
    ]


def waited(begin: float, *kinds) -> float:
    """Milliseconds since `begin` when no job of the kinds, or of any kind, waits or runs any more."""
    from django_tasks_db.models import DBTaskResult

    jobs = DBTaskResult.objects.filter(status__in=["READY", "RUNNING"])
    jobs = jobs.filter(task_path__in=[kind.module_path for kind in kinds]) if kinds else jobs
    while jobs.exists():
        time.sleep(0.005)
    return (time.perf_counter() - begin) * 1000


def file_a_sheet():
    """File 2,000 problems of the demo's enterprise in one sheet."""
    from ballast.areas.accounts.models import User
    from ballast.areas.cases.sheets.bulk import file_many
    from ballast.areas.cases.sheets.sheet import SheetRow
    from ballast.areas.registry.selectors import visible_sites
    from ballast.tables.problem_sheets import parse_lines

    user = User.objects.get(username="reporter")
    site = visible_sites(user, "file_cases").first()
    cells = {
        "kind": "staff_return", "site": site.site_id, "product": site.product_id, "place": site.region_id,
        "needed_by": "2022-05-09", "contact": "Duty desk", "text": "They wait at home.",
    }  # fmt: skip
    lines = parse_lines((i + 2, cells | {"blocked": f"Workers of hall {i} cannot come in"}) for i in range(2000))
    outcome = file_many(user, [SheetRow(line) for line in lines])
    assert len(outcome.filed) == 2000, outcome.faults[:3]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", choices=["s", "m", "l"], default="l")
    parser.add_argument("--cases", type=int, default=54_000)
    parser.add_argument("--requests", type=int, default=40)
    parser.add_argument("--user", default="ministry")
    parser.add_argument("--only", nargs="*", choices=PARTS, default=PARTS)
    given = parser.parse_args()
    print(prepare(given.size))
    filled(given.cases)
    print(f"   {'':48}{'median':>9}{'p95':>9}{'longest':>9}{'goal':>9}  ms; {given.requests} requests as {given.user}")
    parts = {"pages": pages, "search": search, "jobs": jobs, "worker": worker}
    within = [verdict for name in given.only for verdict in parts[name](given.user, given.requests)]
    print(f"   {'all within the goals' if all(within) else f'{within.count(False)} above the goal'}")


def filled(wanted: int) -> None:
    """See that the database holds so many cases, ranked by a forecast that knows them."""
    from ballast.areas.cases.models import Case, CaseEntry
    from ballast.areas.chains.services import run_forecast
    from ballast.exercise.season_load import fill

    begin = time.perf_counter()
    if made := fill(wanted):
        print(f"   {made:,} cases drawn and written in {time.perf_counter() - begin:.1f} s")
        begin = time.perf_counter()
        run_forecast()
        print(f"   forecast with their events in {time.perf_counter() - begin:.1f} s")
    print(f"   {Case.objects.count():,} cases with {CaseEntry.objects.count():,} lines of story")


if __name__ == "__main__":
    main()
