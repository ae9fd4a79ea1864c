"""A mine, a maker with a stock for four days, and plants that buy from the maker: four hundred, or as many as said."""

from types import SimpleNamespace

from tests import factories as make

from ballast.areas.registry.models import Enterprise, Link, Need, Site

PLANTS = 400


def build(plants=PLANTS, northern=None):
    """The network; `northern` of the plants stand in Jilin, without a number those beyond the 390th."""
    southern = 390 if northern is None else plants - northern
    make.authority()
    nation = make.region("CN", level="nation", name="China")
    shanghai = make.region("310000", nation, level="province", short="SH", name="Shanghai")
    jilin = make.region("220000", nation, level="province", short="JL", name="Jilin")
    ore, part, car = (make.product(code) for code in ("ore", "part", "car"))
    mine = make.site("S-mine", of=make.enterprise("E-mine", region=jilin), product=ore, name="Mine")
    maker = make.site("S-maker", of=make.enterprise("E-maker", region=jilin), product=part, name="Maker")
    make.need(maker, ore, daily_use=100.0, stock=400.0)
    make.link(mine, maker, product=ore, lead_days=1)
    firms = Enterprise.objects.bulk_create(
        Enterprise(enterprise_id=f"E-{k:03}", name=f"Works {k:03}", region=shanghai if k < southern else jilin)
        for k in range(plants)
    )
    sites = Site.objects.bulk_create(
        Site(site_id=f"S-{k:03}", name=f"Plant {k:03}", enterprise=firm, region=firm.region, product=car,
             daily_output_value=1000.0 - k)
        for k, firm in enumerate(firms)
    )  # fmt: skip
    Need.objects.bulk_create(
        Need(site=site, product=part, daily_use=10.0, stock=50.0, unit=part.unit) for site in sites
    )
    Link.objects.bulk_create(
        Link(supplier=maker, customer=site, product=part, daily_quantity=10.0, lead_days=1) for site in sites
    )
    return SimpleNamespace(
        mine=mine, maker=maker, sites=sites, part=part, shanghai=shanghai, jilin=jilin,
        mia=make.user("ministry_officer", username="mia"),
        olga=make.user("province_officer", username="olga", region="310000"),
        jin=make.user("province_officer", username="jin", region="220000"),
        anna=make.user("analyst", username="anna"),
        rita=make.user("reporter", username="rita", enterprise="E-000"),
    )  # fmt: skip
