"""Readers of published data sets that may not be shipped, each in the form in which it is published."""

import hashlib
from pathlib import Path

__all__ = ["KINDS", "digest_of", "kind_of"]

# Kind of a source -> the files that are read; the first only such a source has.
KINDS = {
    "chips": ("provision.csv", "inputs.csv", "stages.csv", "providers.csv"),
    "minerals": ("supply_shares_by_country.csv", "bgs_production_by_country_year.csv"),
    "world": ("X_*.csv", "Z_*.csv.gz", "F_*.csv.gz"),
    "mrio": ("trade_flows_Z.tsv", "finald_demand_Y.tsv", "factor_input.tsv"),
}


def kind_of(folder: Path) -> str:
    """What a folder holds, by its files: chips, minerals, world, mrio, or else tables."""
    return next((kind for kind, names in KINDS.items() if any(folder.glob(names[0]))), "tables")


def digest_of(folder: Path, kind: str) -> str:
    """SHA-256 of the names and bytes of the files that are read of a source, in hexadecimal."""
    seal = hashlib.sha256()
    for path in sorted({path for name in KINDS[kind] for path in folder.glob(name)}):
        raw = path.read_bytes()
        seal.update(f"{path.name}:{len(raw)}:".encode())
        seal.update(raw)
    return seal.hexdigest()
