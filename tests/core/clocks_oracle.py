"""The clocks once more, slow and obvious: one flag for every minute, and nothing but counting them."""

import datetime as dt
from zoneinfo import ZoneInfo

import numpy as np

from ballast.core.clocks import Calendar, Category, Changed, Extended, Handed, Reason, Replied, Turned

MINUTE = dt.timedelta(minutes=1)
SPAN = 18 * 24 * 60  # minutes that are looked at
BEYOND = "beyond"  # due after them
REASONS = list(Reason)


def office(*hours):
    """Shifts from texts, e.g. "09:00-12:00"."""
    return tuple(tuple(dt.time.fromisoformat(bound) for bound in text.split("-")) for text in hours)


MORNING_AND_AFTERNOON = office("09:00-12:00", "13:30-17:30")
CALENDARS = {
    "cn": Calendar(
        "cn", "2022", ZoneInfo("Asia/Shanghai"), (MORNING_AND_AFTERNOON,) * 5 + ((),) * 2,
        dict.fromkeys([dt.date(2022, 10, d) for d in range(1, 8)], ())
        | dict.fromkeys([dt.date(2022, 10, 8), dt.date(2022, 10, 9)], MORNING_AND_AFTERNOON),
    ),
    "berlin": Calendar(
        "berlin", "a", ZoneInfo("Europe/Berlin"), (office("08:00-16:00"),) * 4 + (office("08:00-12:00"), (), ()),
        {dt.date(2022, 4, 15): (), dt.date(2022, 4, 18): ()},
    ),
    "nights": Calendar(
        "nights", "b", ZoneInfo("America/New_York"), (office("00:00-02:30", "04:00-06:00", "22:00-00:00"),) * 7
    ),
    "always": Calendar("always", "c", ZoneInfo("Australia/Lord_Howe"), (office("00:00-00:00"),) * 7),
}  # fmt: skip


def reason_of(calendar, instant):
    """Whether a minute is worked, by its local date and time."""
    local = instant.astimezone(calendar.zone)
    day = calendar.days.get(local.date())
    shifts = calendar.week[local.weekday()] if day is None else day
    if not shifts:
        return Reason.HOLIDAY if day is not None else Reason.WEEKEND
    time = local.time().replace(tzinfo=None)
    for opens, closes in shifts:
        if opens <= time and (time < closes or closes == dt.time()):
            return Reason.WORKED
    last = shifts[-1][1]
    return Reason.NIGHT if time < shifts[0][0] or (last != dt.time() and time >= last) else Reason.BREAK


class Grid:
    """All minutes of some weeks, with the reason of each by each calendar."""

    def __init__(self, start):
        self.start = start
        instants = [start + i * MINUTE for i in range(SPAN)]
        self.reasons = {
            name: np.array([REASONS.index(reason_of(calendar, i)) for i in instants], np.int8)
            for name, calendar in CALENDARS.items()
        }

    def index(self, instant):
        return (instant - self.start) // MINUTE

    def instant(self, index):
        return self.start + int(index) * MINUTE


class Row:
    """One thing that is so or so in every minute."""

    def __init__(self, value):
        self.values, self.codes = [value], np.zeros(SPAN, np.int8)

    def paint(self, value, minute):
        """It is so from a minute on."""
        self.values.append(value)
        self.codes[max(0, minute) :] = len(self.values) - 1

    def __getitem__(self, minute):
        return self.values[self.codes[minute]]


def for_agency(wanted, agency):
    """Whether a rule for `wanted` is for the agency, by the parts of both."""
    outer, _, inner = agency.partition("/")
    return wanted in {"", outer, agency} or (bool(inner) and wanted == f"/{inner}")


class Case:
    """What is the case in every minute."""

    def __init__(self, grid, entries, policies, at):
        self.grid, self.entries, self.at = grid, [e for e in entries if e.at <= at], grid.index(at)
        first = entries[0]
        self.filed = grid.index(first.at)
        self.kind, self.agency, self.category = Row(first.kind), Row(first.agency), Row(Category.OPEN)
        self.replied, self.policy, self.turned = Row(False), Row(None), {self.filed}
        for entry in self.entries:
            minute = grid.index(entry.at)
            self.turned.add(minute)
            match entry:
                case Changed():
                    self.kind.paint(entry.kind, minute)
                case Handed():
                    self.agency.paint(entry.agency, minute)
                case Turned():
                    self.category.paint(entry.category, minute)
                case Replied():
                    self.replied.paint(True, minute)
        for policy in sorted(policies, key=lambda p: p.since):
            if policy.running or policy.since <= first.at:
                self.policy.paint(policy, grid.index(policy.since))
                self.turned.add(grid.index(policy.since))

    def rule(self, clock, agency, minute):
        """The rule of a minute."""
        for rule in self.policy[minute].rules:
            if rule.clock == clock and rule.kind in ("", self.kind[minute]) and for_agency(rule.agency, agency):
                return rule
        return None

    def why_not(self, rule, clock, agency, minute):
        """Why the clock does not run in a minute."""
        if clock == "part" and self.agency[minute] != agency:
            return Reason.ELSEWHERE
        if self.category[minute] in rule.stops or (clock == "response" and self.replied[minute]):
            return Reason.STOPPED
        return Reason.PAUSED if self.category[minute] in rule.pauses else None

    def turns(self, begun, upto):
        """The minutes in which something may be other than before."""
        return [begun, *sorted(i for i in self.turned if begun < i <= upto)]


def judge(case, clock, agency=""):
    """A clock as a dict, or None where no rule is for it. `due` is an index, None when not known, or BEYOND."""
    grid, at = case.grid, case.at
    begun = case.filed
    if clock == "part":
        begun = next(i for i in range(case.filed, at + 1) if case.agency[i] == agency)
    stopped = None
    turns = case.turns(begun, at)
    for minute in turns:
        rule = case.rule(clock, agency, minute)
        over = rule is not None and case.why_not(rule, clock, agency, minute) in (Reason.STOPPED, Reason.ELSEWHERE)
        stopped = (minute if stopped is None else stopped) if over else None
    upto = at if stopped is None else stopped
    rule = case.rule(clock, agency, upto)
    if rule is None:
        return None
    calendar, reasons = CALENDARS[rule.calendar], grid.reasons[rule.calendar].copy()
    worked = reasons == REASONS.index(Reason.WORKED)
    for minute, following in zip(turns, [*turns[1:], SPAN], strict=True):
        why = case.why_not(rule, clock, agency, minute)
        if why:
            reasons[minute:following] = REASONS.index(why)
    if stopped is not None:
        reasons[upto:] = grid.reasons[rule.calendar][upto:]
    counted = reasons == REASONS.index(Reason.WORKED)
    budget, days_end = amount(case, rule, calendar, worked, begun, upto, clock, agency)
    due = due_of(grid, rule, calendar, counted, reasons, begun, budget, days_end)
    if due == BEYOND and stopped is None and case.why_not(rule, clock, agency, at):
        due = None
    missed = due not in (None, BEYOND) and upto > due
    state = "missed" if missed else "met" if stopped is not None else "paused" if due is None else "running"
    if stopped is None and not missed and case.why_not(rule, clock, agency, at):
        state = "paused"
    return {
        "state": state, "begun": begun, "upto": upto, "due": due, "used": int(counted[begun:upto].sum()),
        "reasons": reasons, "budget": budget, "stopped": stopped is not None,
    }  # fmt: skip


def amount(case, rule, calendar, worked, begun, upto, clock, agency):
    """Minutes of the budget with what was granted, and the minute in which its days end."""
    grants = [e for e in case.entries if isinstance(e, Extended) and (e.clock, e.agency) == (clock, agency)]
    grants = [e for e in grants if case.grid.index(e.at) <= upto]
    days = rule.budget.days + sum(e.days for e in grants)
    minutes = rule.budget.minutes + sum(e.minutes for e in grants)
    if not days:
        return minutes, None
    local = case.grid.instant(begun).astimezone(calendar.zone)
    date = local.date()
    while days:
        date += dt.timedelta(days=1)
        days -= bool(calendar.days.get(date, calendar.week[date.weekday()]))
    until = rule.budget.until if rule.budget.until is not None else local.time()
    end = case.grid.index(dt.datetime.combine(date, until, tzinfo=calendar.zone))
    return minutes + int(worked[begun:end].sum()), end


def due_of(grid, rule, calendar, counted, reasons, begun, budget, days_end):
    """The minute by which so many have counted; of days until an hour, such an hour before which the clock ran."""
    passed = np.cumsum(counted[begun:])
    due = begun if budget == 0 else begun + int(np.searchsorted(passed, budget)) + 1
    if budget and passed[-1] < budget:
        return BEYOND
    if rule.budget.until is None:
        return due
    held = [REASONS.index(r) for r in (Reason.PAUSED, Reason.STOPPED, Reason.ELSEWHERE)]
    due = max(due, days_end)
    date = grid.instant(due).astimezone(calendar.zone).date() - dt.timedelta(days=2)
    while True:
        date += dt.timedelta(days=1)
        hour = grid.index(dt.datetime.combine(date, rule.budget.until, tzinfo=calendar.zone))
        if hour >= SPAN:
            return BEYOND
        works = bool(calendar.days.get(date, calendar.week[date.weekday()]))
        if works and hour >= due and reasons[hour - 1] not in held:
            return hour
