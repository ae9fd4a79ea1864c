"""Answers on a network of sites: who depends on whom, from a table folder."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, TypeAlias

import numpy as np
import polars as pl

from ballast.core.columns import Bools, Floats
from ballast.core.dependence import Chokepoints, ForeignShares, concentration, foreign_shares
from ballast.core.network import Network
from ballast.core.sums import totals
from ballast.tables.answers.concentrations import concentration_frame, floats, names_at
from ballast.tables.answers.indicators import indicator_rows
from ballast.tables.answers.places import Codes, Home, Places, Unit, coded
from ballast.tables.answers.site_measures import site_measures
from ballast.tables.packs import Pack
from ballast.tables.results import result_frame

__all__ = ["Dependence", "Weighing"]

Weighing: TypeAlias = Literal["equal", "value"]
Part: TypeAlias = Literal["site", "slot"]


@dataclass(frozen=True, eq=False)
class Dependence:
    """What is asked of one network; n sites, s slots, m links. Everything is worked out when it is first wanted.

    `enterprise` [n] is the enterprise of each site; `by` says what counts as one source. Foreign is what lies outside
    `home`, or without one outside a site's own country. `weigh` weighs the inputs of a site against each other: all
    alike, or by value: where needs and output are counted in one money, inputs weigh as they are used and what the
    output is worth beyond them is made at home.
    """

    network: Network
    enterprise: Sequence[str]
    by: Unit = "site"
    home: Home | None = None
    weigh: Weighing = "equal"
    packs: Sequence[Pack] = field(default=())
    threads: int = 1

    @cached_property
    def frames(self) -> dict[str, pl.DataFrame]:
        """The result tables by name."""
        measures = site_measures(
            self.places, self._product, self.foreign, self.products, unknown=self.unknown, open_=self.chokepoints.open
        )
        return {
            "concentration": pl.concat([self.slots, self.products]),
            "dependence": pl.concat([self._shares("site"), self._shares("slot")]),
            "choke_points": self._choke_points(),
            "indicators": result_frame("indicators", indicator_rows(measures, self.packs)),
        }

    @cached_property
    def summary(self) -> dict[str, object]:
        """What the answer says in sum, and what it rests on."""
        network = self.network
        flow = float(network.link_share.sum())
        single = self.slots["single_source"]
        return {
            "by": self.by,
            "home": self.home.name if self.home else "",
            "weigh": self.weigh,
            "slots_single_source": int((single == "certain").sum()),
            "slots_possibly_single_source": int((single == "possible").sum()),
            "links_share_unknown": int(self.unknown.sum()),
            "slots_partly_outside": int(self.chokepoints.open.sum()),
            "slots_without_source": int((~self.chokepoints.dominators.supplied[: network.slots]).sum()),
            "inferred_share": float(network.link_share[network.link_inferred].sum()) / flow if flow else 0.0,
            "sweeps": self.foreign.sweeps,
            "settled": self.foreign.settled,
            "packs": [pack.code for pack in self.packs],
        }

    @cached_property
    def places(self) -> Places:
        """Units, countries and homes of the sites."""
        return Places(self.network, self.enterprise, self.by, self.home)

    @cached_property
    def unknown(self) -> Bools:
        """[m] links whose quantity the tables do not give."""
        return np.isnan(self.network.link_quantity)

    @cached_property
    def foreign(self) -> ForeignShares:
        """Foreign shares, face value and looked through."""
        return foreign_shares(
            self.network, home=self.places.homes[1], known=~self.unknown, weight=self._weight, own=self._own
        )

    @cached_property
    def chokepoints(self) -> Chokepoints:
        """Dominators and losses."""
        return Chokepoints(self.network, product=self._product[1], unknown=self.unknown)

    @cached_property
    def slots(self) -> pl.DataFrame:
        """Who supplies each input of each site, in the order of the slots."""
        network, (names, unit) = self.network, self.places.unit
        found = concentration(
            network.link_slot,
            unit[network.link_supplier],
            np.where(self.unknown, np.nan, network.link_share),
            subjects=network.slots,
            sources=len(names),
            rest=totals(network.link_slot, network.link_share * self.unknown, network.slots),
            open_=np.where(self.chokepoints.open, network.slot_outside, 0.0),
            outsiders=self.by == "site",
        )
        return concentration_frame(found, names, subject=self._slot_sites, product=self._slot_products, by=self.by)

    @cached_property
    def products(self) -> pl.DataFrame:
        """Who supplies each product to all sites of the tables together, in the order of the products."""
        network, (names, unit), (products, product) = self.network, self.places.unit, self._product
        slot, use = network.link_slot, np.nan_to_num(network.slot_use)
        quantity = network.link_share * use[slot]
        found = concentration(
            product[slot],
            unit[network.link_supplier],
            np.where(self.unknown, np.nan, quantity),
            subjects=len(products),
            sources=len(names),
            rest=totals(product[slot], quantity * self.unknown, len(products)),
            open_=totals(product, network.slot_outside * use * self.chokepoints.open, len(products)),
            outsiders=self.by == "site",
        )
        every = pl.Series(products, dtype=pl.String)
        return concentration_frame(found, names, subject=None, product=every, by=self.by)

    @cached_property
    def _product(self) -> Codes:
        return coded(self.network.slot_product)

    @cached_property
    def _sites(self) -> pl.Series:
        return pl.Series(list(self.network.site_ids), dtype=pl.String)

    @cached_property
    def _slot_sites(self) -> pl.Series:
        return self._sites.gather(self.network.slot_site.astype(np.int64))

    @cached_property
    def _slot_products(self) -> pl.Series:
        return names_at(*self._product)

    @cached_property
    def _weight(self) -> Floats:
        return np.ones(self.network.slots) if self.weigh == "equal" else self.network.slot_use

    @cached_property
    def _own(self) -> Floats:
        """[n] part of the output that a site adds itself; nan where its value is unknown."""
        network = self.network
        if self.weigh == "equal":
            return np.zeros(network.sites)
        output = np.where(network.output_value > 0.0, network.output_value, np.nan)
        return np.maximum(0.0, 1.0 - totals(network.slot_site, network.slot_use, network.sites) / output)

    def _shares(self, part: Part) -> pl.DataFrame:
        """Foreign shares of each site with inputs that is asked about, or of each of its inputs."""
        network, (homes, home) = self.network, self.places.homes
        of_slot = part == "slot"
        rows = np.flatnonzero(
            self.places.asked[network.slot_site] if of_slot else self.places.asked & (np.diff(network.site_slots) > 0)
        )
        country, share = self._largest(part)
        bounds = {
            f"{kind}_{bound}": floats(getattr(self.foreign, f"{part}_{kind}_{bound}")[rows])
            for kind in ("face", "through")
            for bound in ("low", "high")
        }
        nothing = pl.Series([None], dtype=pl.String).new_from_index(0, rows.size)
        columns = bounds | {
            "subject": (self._slot_sites if of_slot else self._sites).gather(rows),
            "product": self._slot_products.gather(rows) if of_slot else nothing,
            "home": names_at(homes, home[network.slot_site[rows] if of_slot else rows]),
            "year": nothing,
            "foreign_value_added": nothing,
            "largest_foreign": country.gather(rows),
            "largest_foreign_face": floats(share[rows]),
            "largest_foreign_through": nothing,
            "choke_sites": self._passes.gather(rows) if of_slot else nothing,
        }
        return result_frame("dependence", columns)

    def _largest(self, part: Part) -> tuple[pl.Series, Floats]:
        """(foreign country with the largest known share, that share) of every site or slot."""
        network, (names, country), home = self.network, self.places.country, self.places.homes[1]
        of, n = (network.link_customer, network.sites) if part == "site" else (network.link_slot, network.slots)
        arrives = totals(network.link_slot, network.link_share, network.slots) + network.slot_outside
        share = np.where(self.unknown, 0.0, network.link_share) / arrives[network.link_slot]
        if part == "site":
            total = totals(network.slot_site, self._weight, network.sites)
            chance = self._weight / total[network.slot_site] * (1.0 - np.nan_to_num(self._own))[network.slot_site]
            share *= chance[network.link_slot]
        abroad = np.flatnonzero((home[network.link_supplier] != home[network.link_customer]) & (share > 0.0))
        pair = of[abroad].astype(np.int64) * len(names) + country[network.link_supplier[abroad]]
        pairs, place = np.unique(pair, return_inverse=True)
        amount = totals(place, share[abroad], pairs.size)
        # Written in this order, the largest stands last and stays; of equals the first by name.
        order = np.lexsort((-pairs, amount))
        code, top = np.full(n, -1), np.full(n, np.nan)
        code[pairs[order] // len(names)] = pairs[order] % len(names)
        top[pairs[order] // len(names)] = amount[order]
        return names_at(names, code), top

    @cached_property
    def _passes(self) -> pl.Series:
        """[s] the sites that all supply of a slot passes, nearest first."""
        slot, site = self.chokepoints.dominators.pairs
        frame = pl.DataFrame({"slot": slot, "site": self._sites.gather(site.astype(np.int64))})
        joined = frame.group_by("slot", maintain_order=True).agg(pl.col("site").str.join(";"))
        every = pl.DataFrame({"slot": np.arange(self.network.slots)})
        return every.join(joined, on="slot", how="left", maintain_order="left")["site"]

    def _choke_points(self) -> pl.DataFrame:
        names, unit = self.places.unit
        stops = self.chokepoints.stopped_by(unit, len(names))
        hit = np.flatnonzero(stops[:, 0])
        chain = pl.DataFrame(
            {"source": names_at(names, hit), "sites": stops[hit, 0].astype(np.int64), "output_value": stops[hit, 1]}
        ).with_columns(reading=pl.lit("chain"), product=pl.lit(None, pl.String))
        both = pl.concat([self._cuts(), chain], how="diagonal").with_columns(by=pl.lit(self.by))
        both = both.sort(["sites", "output_value", "source", "product"], descending=[True, True, False, False])
        return result_frame("choke_points", {name: both[name] for name in both.columns})

    def _cuts(self) -> pl.DataFrame:
        """What loses all supply of a product with each source; for sites the dominator tree says it at once."""
        network, (names, unit), (products, product) = self.network, self.places.unit, self._product
        if self.by == "site":
            slot, site = self.chokepoints.dominators.pairs
            group = unit[site]
        else:
            group, slot = self.chokepoints.cut_by(unit, len(names), threads=self.threads)
        pairs, place = np.unique(group * len(products) + product[slot], return_inverse=True)
        value = np.nan_to_num(network.output_value)[network.slot_site[slot]]
        return pl.DataFrame(
            {
                "source": names_at(names, pairs // max(1, len(products))),
                "product": names_at(products, pairs % max(1, len(products))),
                "sites": np.bincount(place, minlength=pairs.size),
                "output_value": totals(place, value, pairs.size),
            }
        ).with_columns(reading=pl.lit("product"))
