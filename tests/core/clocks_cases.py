"""Random cases for the clocks: what happens in them, and the policies that judge them."""

import datetime as dt

from tests.core.clocks_oracle import CALENDARS, MINUTE

from ballast.core.clocks import Budget, Category, Changed, Extended, Filed, Handed, Policy, Replied, Rule, Turned

AGENCIES = ("city", "city/energy", "province/energy", "province", "rail")
KINDS = ("energy", "funds")
_CATEGORIES = (Category.OPEN, Category.OPEN, Category.PAUSED, Category.PAUSED, Category.RESOLVED, Category.CLOSED)
_PAUSES = (frozenset({Category.PAUSED}), frozenset({Category.PAUSED}), frozenset())
_STOPS = (frozenset({Category.RESOLVED, Category.CLOSED}), frozenset({Category.CLOSED}))


def random_case(pick, start):
    """Entries, policies, and an instant at which they are asked about, all within some days from `start`."""
    filed = start + pick.randrange(0, 2 * 1440) * MINUTE
    entries = [Filed(filed, kind=pick.choice(KINDS), agency=pick.choice(AGENCIES))]
    for seq in range(1, pick.randrange(8)):
        # Some entries share their minute; `seq` says which was first.
        at = entries[-1].at + pick.choice([0, 1, pick.randrange(300), pick.randrange(2400)]) * MINUTE
        entries.append(_entry(pick, at, seq))
    policies = [_policy(pick, f"v{i}", start + (pick.randrange(9 * 1440) if i else -1440) * MINUTE) for i in range(2)]
    return entries, policies, start + pick.randrange(9 * 1440) * MINUTE


def _entry(pick, at, seq):
    match pick.randrange(10):
        case 0:
            return Changed(at, seq, kind=pick.choice(KINDS))
        case 1 | 2:
            return Handed(at, seq, agency=pick.choice(AGENCIES))
        case 3:
            return Replied(at, seq)
        case 4:
            clock = pick.choice(["response", "resolution", "part"])
            agency = pick.choice(AGENCIES) if clock == "part" else ""
            return Extended(at, seq, clock=clock, agency=agency, days=pick.randrange(2), minutes=pick.randrange(90))
        case _:
            return Turned(at, seq, category=pick.choice(_CATEGORIES))


def _budget(pick):
    if pick.random() < 0.4:
        return Budget(minutes=pick.choice([1, 30, 120, 480, 999, 2000]))
    until = pick.choice([dt.time(18), dt.time(12, 45), dt.time(0), None])
    return Budget(days=pick.choice([1, 2, 3]), minutes=pick.choice([0, 0, 45]), until=until)


def _policy(pick, version, since):
    rules = [
        Rule(
            clock, _budget(pick), pick.choice(list(CALENDARS)), kind=kind, agency=agency, pauses=pick.choice(_PAUSES),
            stops=pick.choice(_STOPS),
        )
        for clock, kind, agency in (
            ("response", "", ""), ("resolution", "energy", ""), ("resolution", "", ""), ("part", "", "rail"),
            ("part", "", "city/energy"), ("part", "energy", "/energy"), ("part", "", "city"), ("part", "funds", ""),
        )
    ]  # fmt: skip
    return Policy(version, since, tuple(rules), running=pick.random() < 0.7)
