"""Make the table of cost pass-through in China from the World Input-Output Database of 2011.

    python examples/world-2011/pass_through.py --source FOLDER [--out FILE]

FOLDER holds Z_2011.csv.gz and X_2011.csv. The prices of one sector double in all countries; what that adds to the price
of each Chinese industry is its share, if all pass their cost on. Source and citation: README.md beside this file.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
import polars as pl

from ballast.core.dependence.leontief import CountryTable, country_table
from ballast.core.dependence.passing_on import passed_on

# Agriculture, mining, refined oil, chemicals, metals, electrical and optical equipment: what bulk materials come from.
SELLERS = ("c1", "c2", "c8", "c9", "c12", "c14")
LEAST = 0.0005


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--source", required=True, type=Path, help="folder with the files of 2011")
    parser.add_argument("--out", default=Path("pass_through_china_2011.csv"), type=Path)
    given = parser.parse_args()
    table = read(given.source)
    sectors = np.array([table.sectors[k] for k in table.sector])
    chinese = np.array([table.countries[k] for k in table.country]) == "CHN"
    rows = [
        (seller, str(sectors[place]), round(float(share), 4))
        for seller in SELLERS
        for place, share in enumerate(passed_on(table, sectors == seller))
        if chinese[place] and sectors[place] != seller and table.output[place] > 0 and share >= LEAST
    ]
    pl.DataFrame(rows, schema=["cost_sector", "industry", "share"], orient="row").write_csv(given.out)
    sys.stdout.write(f"{len(rows)} rows written to {given.out}\n")


def read(source: Path) -> CountryTable:
    """The table of country-sectors; purchases by sectors without output are left out."""
    x = pl.read_csv(source / "X_2011.csv")
    types = {"from": pl.Int64, "to": pl.Int64, "musd": pl.Float64}
    z = pl.read_csv(source / "Z_2011.csv.gz", schema_overrides=types)
    output = x["output_musd"].to_numpy().astype(float)
    purchases = np.zeros((x.height, x.height))
    purchases[z["from"].to_numpy(), z["to"].to_numpy()] = z["musd"].to_numpy()
    purchases[:, output == 0] = 0.0
    countries, sectors = (x[name].unique(maintain_order=True).to_list() for name in ("country", "sector"))
    return country_table(
        countries=countries,
        sectors=sectors,
        country=[countries.index(name) for name in x["country"]],
        sector=[sectors.index(name) for name in x["sector"]],
        purchases=purchases,
        output=output,
    )


if __name__ == "__main__":
    main()
