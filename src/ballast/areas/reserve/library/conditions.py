"""What is wrong with the conditions of a measure: their text, the codes that they name, the places that they count."""

from collections.abc import Iterator

from ballast.areas.cases.packs.in_force import PROBLEM, pack_named
from ballast.areas.economy.models import Commodity, Observation
from ballast.areas.reference.models import Product, Region
from ballast.areas.registry.models import Chain
from ballast.core.conditions import Condition, read_condition
from ballast.core.warning import Fault, FaultyFileError

__all__ = ["LONGEST", "faults_in"]

# Characters of a text.
LONGEST = 4000
_FILE = "conditions"


def faults_in(text: str, *, region: str, chain: str, loading: bool = False) -> str:
    """Every fault of the text, a line each with its line and key; "" without any.

    `region` and `chain` are those of the measure: who sees the measure sees what its conditions count, so they count
    nothing beyond its place. With `loading` only regions and kinds of problems have to be there: the rest may come
    with the same tables.
    """
    try:
        found = read_condition(text, _FILE, lambda kind, code: _known(kind, code, loading=loading))
    except FaultyFileError as error:
        return str(error)
    return "\n".join(fault.said(_FILE) for fault in _outside(found, region, chain))


def _known(kind: str, code: str, *, loading: bool) -> bool:
    match kind:
        case "region":
            return Region.objects.filter(code=code).exists()
        case "problem":
            return code in {one.name for one in pack_named(PROBLEM).kinds}
        case _ if loading:
            return True
        case "chain":
            return Chain.objects.filter(code=code).exists()
        case "product":
            return Product.objects.filter(code=code).exists()
        case "commodity":
            return Commodity.objects.filter(commodity_id=code).exists()
        case _:
            return Observation.objects.filter(series_id=code).exists()


def _outside(found: Condition, region: str, chain: str) -> Iterator[Fault]:
    codes = {one.region for one in found.inputs if one.region} | {region}
    paths = dict(Region.objects.filter(code__in=codes).values_list("code", "path"))
    for number, one in enumerate(found.inputs, 1):
        if one.region and region and not paths[one.region].startswith(paths[region]):
            reason = f"is not inside the region of the measure, {region}; leave it out, or widen the measure."
            yield Fault(one.line, f"inputs[{number}], region", one.region, reason)
        if one.chain and chain and one.chain != chain:
            reason = f"is not the chain of the measure, {chain}; leave it out, or widen the measure."
            yield Fault(one.line, f"inputs[{number}], chain", one.chain, reason)
