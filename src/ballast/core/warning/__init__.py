"""Warning rules: levels and limits, the states that values give, what is told of them, and tests of rules."""

from ballast.core.warning.certainty import Ask, Range, ask_first, range_of, ranks_between, said_of
from ballast.core.warning.combining import Combined, combined
from ballast.core.warning.machine import feed, flapping, latest, step
from ballast.core.warning.notation import NotationError, read_series
from ballast.core.warning.packed import pack, record_type, unpack
from ballast.core.warning.packs import RulePack, read_rules, read_schemes
from ballast.core.warning.places import Fault, FaultyFileError
from ballast.core.warning.rule import Limit, Missing, Rule, Season, Subjects
from ballast.core.warning.scheme import NORMAL, Grade, Scheme
from ballast.core.warning.states import Reason, Standing, State, States, standing
from ballast.core.warning.telling import Acknowledgement, Notice, Silence, tell

__all__ = [
    "NORMAL",
    "Acknowledgement",
    "Ask",
    "Combined",
    "Fault",
    "FaultyFileError",
    "Grade",
    "Limit",
    "Missing",
    "NotationError",
    "Notice",
    "Range",
    "Reason",
    "Rule",
    "RulePack",
    "Scheme",
    "Season",
    "Silence",
    "Standing",
    "State",
    "States",
    "Subjects",
    "ask_first",
    "combined",
    "feed",
    "flapping",
    "latest",
    "pack",
    "range_of",
    "ranks_between",
    "read_rules",
    "read_schemes",
    "read_series",
    "record_type",
    "said_of",
    "standing",
    "step",
    "tell",
    "unpack",
]
